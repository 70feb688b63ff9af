//! Invented articles.

/// A report of an accident, of which most other texts are versions.
pub(crate) const CABLE_CAR: &str = "GRUNNVIK, March 3 - Forty-one skiers spent the night in the \
    gondolas of the Korpi Ridge cable car after a gearbox failed on Sunday afternoon, and the \
    last of them was lowered to the snow at 5.20 on Monday morning. Nobody was seriously hurt, \
    but eleven people were treated for frostbite at the district hospital, rescue leader Talia \
    Brandsrud said.\n\n\
    The cable car stopped at 15.47, minutes before a storm with gusts of 96 kilometres an hour \
    closed the valley road. Two helicopters had to turn back. Volunteers of the mountain rescue \
    climbed the nineteen pylons one after the other and let the passengers down on ropes, by the \
    light of their headlamps.\n\n\
    \"We sang every song we knew, and then we sang them again,\" said Bo Anselmsen, a music \
    teacher who shared his gondola with six pupils. The owner, Vendel Lifts, apologised and \
    promised every passenger 500 crowns. The gearbox was inspected in January, managing director \
    Irja Maunula said; the transport safety office has sealed the engine house and wants to know \
    who signed the report.";

/// The text that an expansion adds to the report.
pub(crate) const BACKGROUND: &str = "The Korpi Ridge line opened in 1968 and carries 140,000 \
    passengers a year. It stood still for two days in 2019 when lightning struck the upper \
    station. Hotels fear for the season: every third bed in Grunnvik had been booked for the \
    spring holidays. \"Without the lift we are a village with a nice view,\" innkeeper Samuli \
    Torv told the local council, which meets on Thursday to discuss a bus to the neighbouring \
    slopes at Haldde. A petition for a second line, long thought too dear, had gathered 900 names \
    by noon.";

/// The report in other words, with some phrases of the original.
pub(crate) const RETOLD: &str = "They sang to keep warm. After a gearbox failed on the Korpi \
    Ridge cable car above Grunnvik, forty-one skiers hung over the slope for more than thirteen \
    hours before the last of them was lowered to the snow at 5.20 on Monday.\n\n\
    Volunteers of the mountain rescue climbed pylon after pylon in gusts of 96 kilometres an \
    hour; two helicopters had to turn back and the road through the valley was closed. According \
    to rescue leader Talia Brandsrud, eleven people were treated for frostbite. Among those \
    rescued were six pupils and their music teacher, Bo Anselmsen, who said they ran out of songs \
    around midnight.\n\n\
    Vendel Lifts, which owns the line, will pay 500 crowns to each passenger. Its managing \
    director, Irja Maunula, insists that the gearbox was inspected in January. Investigators of \
    the transport safety office have sealed the engine house.";

/// The same event in different words: shared names and numbers, no shared phrases.
pub(crate) const SAME_EVENT: &str = "The engine house on Korpi Ridge is under seal, the winter \
    weekend ruined, and Vendel Lifts has much to explain. Why did a gearbox inspected only weeks \
    ago break on Sunday, leaving skiers dangling in gondolas through a storm until Monday? Eleven \
    came down with frostbite, according to Talia Brandsrud, whose mountain volunteers hauled \
    themselves up pylons by headlamp, ropes over their shoulders, since helicopters could not fly \
    in such gusts. Teacher Bo Anselmsen, stuck for thirteen hours inside one gondola with pupils \
    of his music class, calls these rescuers heroes. Irja Maunula, who directs the cable car \
    company, has apologised to passengers. In Grunnvik many think 500 crowns too little for a \
    night like that.";

/// Another accident of the same kind.
const CHAIRLIFT: &str = "Twelve children were hurt on Saturday when a chairlift at the \
    Bellmoor practice slope rolled backwards for about thirty metres. Most of them jumped into \
    the deep snow beside the track and came away with bruises; a girl of nine broke her wrist, \
    the police in Bellmoor said. The lift is run by the town's ski club, which has closed it for \
    the rest of the season. A worn brake lining is the likely cause, club chairman Dagfinn Roe \
    told reporters. Parents had complained about the old machine for years.";

/// Another story in two versions.
pub(crate) const BEES: &str = "Two million bees were on the loose in the centre of Orsay Bridge \
    on Tuesday after a lorry with sixty hives tipped over on the market roundabout. Firefighters \
    in protective suits kept shoppers away while nine beekeepers from the county association \
    lured the swarms into boxes with sugar water. The driver, a man of 34 from Thornaby, was \
    stung more than eighty times and is in a stable condition, spokeswoman Leonie Achterberg \
    said. The hives were on their way to the cherry orchards of Lower Marle, where growers now \
    fear for the harvest. Shops opened again at six in the evening.";
pub(crate) const BEES_AGAIN: &str = "A lorry with sixty hives tipped over on the market \
    roundabout of Orsay Bridge on Tuesday and set two million bees free. Nine beekeepers from the \
    county association worked until evening, luring the swarms into boxes with sugar water, and \
    shops opened again at six. Spokeswoman Leonie Achterberg said the driver, who comes from \
    Thornaby, had been stung more than eighty times but was in a stable condition. Cherry growers \
    in Lower Marle, for whose orchards the hives were meant, are worried about the harvest.";

/// Unrelated to every other text.
pub(crate) const CHOIR: &str = "The choir of the former Pallister shipyard gave its last concert \
    on Friday, seventy-three years after riveters founded it to drown out the noise of the yard. \
    Only fourteen singers are left, the youngest of them sixty-eight. They ended as they always \
    did, with a hymn to the tide and a toast to the foreman. Conductor Oona Verhulst will give \
    the scores, some of them written on the backs of wage slips, to the maritime museum in Sund.";

/// Every article with its id: seven versions of one story, two of another, and two others.
pub(crate) fn articles() -> Vec<(&'static str, String)> {
    let retyped = CABLE_CAR.to_uppercase().replace(" - ", " — ").replace('"', "”");
    let edited = CABLE_CAR
        .replace("GRUNNVIK, March 3 - ", "")
        .replace("seriously hurt", "badly hurt")
        .replace("wants to know", "is asking");
    let (cut, _) = CABLE_CAR.rsplit_once("\n\n").unwrap_or_default();
    vec![
        ("bees", BEES.to_owned()),
        ("bees-again", BEES_AGAIN.to_owned()),
        ("chairlift", CHAIRLIFT.to_owned()),
        ("choir", CHOIR.to_owned()),
        ("cut", cut.to_owned()),
        ("edited", edited),
        ("event", SAME_EVENT.to_owned()),
        ("longer", format!("{CABLE_CAR}\n\n{BACKGROUND}")),
        ("report", CABLE_CAR.to_owned()),
        ("retold", RETOLD.to_owned()),
        ("retyped", retyped.replace("\n\n", "\r\n")),
    ]
}
