//! Two versions of one story, and another story.

pub(crate) const FERRY: &str = "A ferry with 212 passengers ran aground off Kelm on Monday night. \
    Nobody was hurt, harbour master Ida Rosk said, and divers will examine the hull on Tuesday.";

pub(crate) const FERRY_AGAIN: &str = "The passenger ferry ran aground off Kelm late on Monday with \
    212 people on board. Nobody was hurt, harbour master Ida Rosk said. Divers will look at the hull.";

pub(crate) const BANK: &str = "The central bank of Norland left its main rate at 3.5 percent and \
    expects prices to rise more slowly by the end of the year.";
