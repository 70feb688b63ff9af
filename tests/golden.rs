//! Golden vectors: all values that are stored or sent to another machine, bit by bit.
//!
//! **If one of these tests fails, stored data no longer means what it meant: undo the change, or raise
//! [`SCHEME_VERSION`] and compute the vectors again.** They hold on every machine, little-endian or not,
//! and with every kernel.
//!
//! The values come from a second implementation, written in Python from the documentation, with the words
//! of each text below as its input. Only those of fingerprints were copied from this implementation.

use retold::hash::{self, SCHEME_VERSION};
use retold::{
    Article, ErrorKind, Fingerprint, Kernel, Language, MinHasher, Shingler, Signature, SimHash,
    Words,
};

/// A text and everything derived from it in version 2 of the scheme.
struct Golden {
    name: &'static str,
    /// Equivalent ways to write the text.
    sources: &'static [&'static str],
    /// Each normalised word and its hash. The hash of a number is that of its digits without the separators
    /// of thousands.
    words: &'static [(&'static str, u64)],
    /// The shingles of three words.
    word_shingles: &'static [u64],
    /// The shingles of four characters.
    characters: Characters,
    /// The bytes of the signature of the word shingles, 8 lanes and seed 1, in hex. Some of these texts do
    /// not fill eight lanes in one round.
    minhash: &'static str,
    /// The bytes of the SimHash of the word shingles, in hex.
    simhash: &'static str,
}

/// The shingles of characters: a summary, because they are many.
#[derive(Debug, PartialEq)]
struct Characters {
    count: usize,
    first: u64,
    /// The hash of all of them in sequence, little-endian.
    all: u64,
}

const VERSION_2: [Golden; 6] = [
    Golden {
        name: "english",
        sources: &[
            "“The FERRY’s hull is torn,” said Ida Rosk: 1,200 aboard — café closed",
            "\"The ferry's hull is torn\", SAID Ida Rosk; 1,200 aboard - cafe\u{301} closed.",
            "‘The fe\u{ad}rry`s hull is torn’ said Ida Ro\u{200b}sk.\r\n1,200 aboard…\tＣａｆé closed",
        ],
        words: &[
            ("the", 0x9034_099d_48be_1396),
            ("ferry", 0x2fa9_f93d_c041_88fa),
            ("s", 0x63fb_bb4f_348e_d6b2),
            ("hull", 0x0bbf_0d9b_5d51_bef7),
            ("is", 0xbb22_d41b_7ccf_da67),
            ("torn", 0xc32c_3a87_ab8a_f1eb),
            ("said", 0x8bbc_0f1a_f494_b681),
            ("ida", 0x826a_63dc_db84_1e67),
            ("rosk", 0x912d_24d3_72df_269b),
            ("1,200", 0x84db_7897_cb68_35fe),
            ("aboard", 0x0eb7_0774_9843_30ff),
            ("café", 0xf80f_2ed9_e38e_685d),
            ("closed", 0x5414_4d8e_46bd_1c56),
        ],
        word_shingles: &[
            0xa4ec_8345_4eae_bd21,
            0xc9a0_30f1_777a_6c06,
            0x93a9_b650_31f7_ee86,
            0xfbac_5a04_344d_8c26,
            0x3519_eb23_1e72_8c58,
            0x1f6b_eb80_7180_7e4f,
            0x9986_3f0b_5189_4e2a,
            0xb433_a8b2_7468_6bdc,
            0x6bf2_3230_429b_b03f,
            0x018e_9717_a723_64de,
            0x5edf_ca98_2539_cbf5,
        ],
        characters: Characters {
            count: 60,
            first: 0x9731_2f72_3cfe_095f,
            all: 0xf49a_f3f3_fdb5_ff16,
        },
        minhash: "72744d4802000100000000000000030008000000\
            9dd0ed12c55cab0567835c23a3e1210bc5a32801ba134607c393e00386d7bd09",
        simhash: "72745348020003000eec2b7510baaa99",
    },
    Golden {
        name: "russian",
        sources: &[
            "Паром сел на мель у порта Кельм, сообщил капитан Ёлкин.",
            "ПАРОМ СЕЛ НА МЕЛЬ У ПОРТА «КЕЛЬМ» — СООБЩИЛ КАПИТАН Е\u{308}ЛКИН",
        ],
        words: &[
            ("паром", 0xfca8_1ebf_6bb9_fa8a),
            ("сел", 0x8ba1_70cf_274a_f56c),
            ("на", 0x1142_7aa9_ad7e_2c89),
            ("мель", 0x82f8_d399_df44_f906),
            ("у", 0xb086_4adf_38b1_662a),
            ("порта", 0xa256_c4c2_7b68_bd97),
            ("кельм", 0xf460_c1bf_ca1b_a9af),
            ("сообщил", 0xfc2d_477b_b579_8f60),
            ("капитан", 0x93a9_3a65_2fa8_bf07),
            ("ёлкин", 0x0550_dc83_6df3_cf2c),
        ],
        word_shingles: &[
            0x1eca_c9cf_34a5_8e64,
            0x90f1_9515_7e3c_577a,
            0x1013_a5a9_6bfc_09ad,
            0xaa8b_1ecc_e772_de5b,
            0x8a3c_7a3b_f0dc_eda9,
            0x0d65_a875_623f_37f1,
            0x1ebf_132e_d3bb_0345,
            0x9d7b_d7a3_4745_03b9,
        ],
        characters: Characters {
            count: 50,
            first: 0x8d9e_6ce0_1996_e245,
            all: 0xc6fb_e9e6_7f14_ceed,
        },
        minhash: "72744d4802000100000000000000030008000000\
            64d8e30734dc1902388f7900683b610261e0221addea3d16bacd770f40e8dc28",
        simhash: "727453480200030069073c622d913b18",
    },
    Golden {
        name: "arabic",
        sources: &[
            "أعلنت البلدية إغلاق الجسر القديم يوم الأحد.",
            "\u{200f}أعلنت البلديـــة إغلاق «الجسر القديم»، يوم الا\u{654}حد؟",
        ],
        words: &[
            ("أعلنت", 0x08c4_72a7_77ff_a1d6),
            ("البلدية", 0xae72_4e38_7d8c_f719),
            ("إغلاق", 0x2828_f0d1_ea59_e4eb),
            ("الجسر", 0x78f3_81db_877b_1698),
            ("القديم", 0x80f6_201b_0d1b_23a1),
            ("يوم", 0x49bd_95ec_d254_33de),
            ("الأحد", 0x0ede_b855_c533_fd8a),
        ],
        word_shingles: &[
            0xe1d5_fe03_1fef_ab5b,
            0xce7a_d3d2_7861_91cb,
            0xf9fa_104b_5fe7_5ef5,
            0x7075_764e_6bcb_98bc,
            0x1820_0bc1_718a_a368,
        ],
        characters: Characters {
            count: 39,
            first: 0xb7ce_c47f_f68e_8b0f,
            all: 0x994b_952f_b243_e909,
        },
        minhash: "72744d4802000100000000000000030008000000\
            a364be15bc1e1f19e3c5ec0cbb367526c0822000a60c2d00ac4e8c116ec92503",
        simhash: "7274534802000300f99beb7b435270f8",
    },
    Golden {
        name: "chinese",
        sources: &["渡轮周一在港口搁浅，无人受伤。", "「渡轮周一在港口搁浅」 无人受伤！"],
        words: &[
            ("渡轮", 0x3f8a_e10c_cf49_76bc),
            ("轮周", 0x2939_ca14_80a4_c961),
            ("周一", 0x5cb8_07f4_69e0_a331),
            ("一在", 0xef45_e047_1ebe_409b),
            ("在港", 0x0ed3_83d1_0a35_9f25),
            ("港口", 0x7cb0_6089_bcee_99a6),
            ("口搁", 0xf3a1_0033_9997_fdb3),
            ("搁浅", 0x6cf2_5a3d_6d55_3683),
            ("无人", 0x955f_151a_163d_e34c),
            ("人受", 0x6668_ebfc_b471_e3ff),
            ("受伤", 0x670b_05f0_680e_4dd1),
        ],
        word_shingles: &[
            0x32f9_0d2c_3f03_fd06,
            0xf0bd_a068_67a5_b97d,
            0x365a_8ceb_e903_b81a,
            0x36f4_8b2f_0f90_a38b,
            0xbe72_3b06_de5b_89c9,
            0xa6de_bab8_f803_731b,
            0xf7fb_e2aa_40b8_05a5,
            0x0ffd_a770_76c7_5977,
            0xeef8_6174_79a2_8707,
        ],
        characters: Characters {
            count: 11,
            first: 0x05d3_9b23_4590_c400,
            all: 0x6228_4c2d_8662_cf68,
        },
        minhash: "72744d4802000100000000000000030008000000\
            97a13306ced37f028e0f2100c07b8f0a1d0a4a1aa0740d217ce2f90428326929",
        simhash: "72745348020003000fb9837f28abf8b6",
    },
    Golden {
        name: "thai",
        sources: &["เรือทำงาน วันนี้", "เรือท\u{e4d}\u{e32}งาน\u{200b} (วันนี้)"],
        words: &[
            ("เรื", 0xc857_4e7c_a29f_a095),
            ("รือ", 0xa4bc_d5b1_a6e1_4a00),
            ("ือท", 0xcccf_5483_7012_c475),
            ("อทํ", 0x2ed7_3585_9891_747b),
            ("ทํา", 0xbf3c_0379_06c7_74fc),
            ("ําง", 0xc666_b11d_cbb4_1f37),
            ("างา", 0xdcee_4313_beee_c8b3),
            ("งาน", 0xded9_26bb_9525_1b58),
            ("วัน", 0x4ec2_c604_1fac_8993),
            ("ันน", 0xb98a_f6cf_692f_5901),
            ("นนี", 0x5faa_f82b_e09c_5e37),
            ("นี้", 0x50ce_775d_f6c5_6198),
        ],
        word_shingles: &[
            0xaa31_f689_c9a4_c477,
            0xd8cc_6c99_0c40_e806,
            0xc7ee_78da_924e_51dd,
            0x6a92_8e12_3065_40b1,
            0x1aa3_e4c7_30aa_ca05,
            0x5735_3f27_99c4_f6b5,
            0xde01_5632_078c_ac13,
            0x2b74_4908_6208_e164,
            0xe488_eaaf_51d6_927c,
            0x0f54_34b8_470f_fd58,
        ],
        characters: Characters {
            count: 14,
            first: 0xb481_3681_4e8d_48a2,
            all: 0xb955_d2d4_1a04_53a0,
        },
        minhash: "72744d4802000100000000000000030008000000\
            d87a9b06cbed6610fb9e100310230b0c2743112463c23615ff53600a250d4e04",
        simhash: "727453480200030015c004008a6c004a",
    },
    Golden {
        name: "vietnamese",
        sources: &[
            "Phà mắc cạn gần cảng Kiệm vào tối thứ Hai.",
            "Pha\u{300} ma\u{306}\u{301}c ca\u{323}n ga\u{302}\u{300}n ca\u{309}ng Kie\u{323}\u{302}m va\u{300}o to\u{302}\u{301}i thu\u{31b}\u{301} Hai",
            "PHÀ MẮC CẠN GẦN CẢNG KIỆM VÀO TỐI THỨ HAI",
        ],
        words: &[
            ("phà", 0x1038_a5d3_f086_002e),
            ("mắc", 0x62fc_5792_6f80_bbb3),
            ("cạn", 0x5b5b_64c1_a2d4_e42f),
            ("gần", 0x8e0d_ff01_64a3_1c13),
            ("cảng", 0xd949_5929_be6d_cfe1),
            ("kiệm", 0xdf9c_cc7a_dd0a_6bd5),
            ("vào", 0x467a_8568_2e79_0ff9),
            ("tối", 0x9d35_dbae_466a_1334),
            ("thứ", 0x6ea1_0717_8d64_c6ac),
            ("hai", 0x9b19_d8b3_5d64_0d9c),
        ],
        word_shingles: &[
            0xa178_8669_2aa0_b60e,
            0x12d7_bc19_d8a5_53ba,
            0x2000_7c49_27ee_ad65,
            0x5b51_3d45_3cd5_f3af,
            0xf4a2_6b6f_8917_b917,
            0x0c99_1376_3da5_b24d,
            0xedf2_8cea_f0a3_44b4,
            0xf2c0_9324_3b84_c69a,
        ],
        characters: Characters {
            count: 38,
            first: 0x1a24_ed35_facf_dc3f,
            all: 0xf942_1cc5_5c50_8d43,
        },
        minhash: "72744d4802000100000000000000030008000000\
            f342291265c2cc01a65cfb13f49263084a73de078a672c2e48b8361a3cbaa203",
        simhash: "72745348020003000eb2a538691cd020",
    },
];

/// Calls `test` with every text of the table in every spelling.
fn for_each_source(test: impl Fn(&Golden, &Words, &str)) {
    for golden in &VERSION_2 {
        for source in golden.sources {
            let context = format!("{}: {source}", golden.name);
            test(golden, &Words::new(source), &context);
        }
    }
}

fn three_words() -> Shingler {
    Shingler::words(3).expect("a size in range")
}

fn four_characters() -> Shingler {
    Shingler::characters(4).expect("a size in range")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_vectors_are_those_of_the_current_scheme() {
    assert_eq!(SCHEME_VERSION, 2);
}

#[test]
fn words_of_every_script_keep_their_hashes_however_they_are_written() {
    for_each_source(|golden, words, context| {
        let found: Vec<(&str, u64)> =
            words.iter().enumerate().map(|(at, word)| (words.text(at), word.hash())).collect();
        assert_eq!(found, golden.words, "{context}");
    });
}

#[test]
fn shingles_of_words_keep_their_hashes() {
    for_each_source(|golden, words, context| {
        let mut found = Vec::new();
        three_words().hashes_into(words, &mut found);
        assert_eq!(found, golden.word_shingles, "{context}");
    });
}

#[test]
fn long_shingles_keep_their_hashes() {
    // With more words than the table of weights has entries.
    let ten = Shingler::words(10).expect("a size in range");
    let mut found = Vec::new();
    ten.hashes_into(&Words::new(VERSION_2[0].sources[0]), &mut found);
    let expected = [
        0x852d_ffe8_8e34_c278,
        0xf2d9_14ea_45f0_9126,
        0xf56f_7ab8_ce69_2b28,
        0x74a0_84b5_1983_1ac5,
    ];
    assert_eq!(found, expected);
}

#[test]
fn shingles_of_characters_keep_their_hashes() {
    for_each_source(|golden, words, context| {
        let mut shingles = Vec::new();
        four_characters().hashes_into(words, &mut shingles);
        let bytes: Vec<u8> = shingles.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        let (count, first, all) = (shingles.len(), shingles[0], hash::bytes(&bytes));
        assert_eq!(Characters { count, first, all }, golden.characters, "{context}");
    });
}

#[test]
fn signatures_keep_their_bytes_on_every_kernel() {
    let hasher = MinHasher::new(8, 1).expect("8 lanes");
    for kernel in [Some(Kernel::scalar()), Kernel::avx2()].into_iter().flatten() {
        let hasher = hasher.clone().with_kernel(kernel);
        for_each_source(|golden, words, context| {
            let signature = hasher.text(three_words(), words);
            assert_eq!(hex(&signature.to_bytes()), golden.minhash, "{}, {context}", kernel.name());
        });
    }
}

#[test]
fn simhashes_keep_their_bytes() {
    for_each_source(|golden, words, context| {
        let found = SimHash::of_text(three_words(), words);
        assert_eq!(hex(&found.to_bytes()), golden.simhash, "{context}");
    });
}

#[test]
fn seed_lanes_and_way_of_shingling_are_in_the_bytes() {
    let words = Words::new(VERSION_2[0].sources[0]);
    let hasher = MinHasher::new(16, 0x0123_4567_89ab_cdef).expect("16 lanes");
    assert_eq!(
        hex(&hasher.text(three_words(), &words).to_bytes()),
        "72744d480200efcdab8967452301030010000000b6af2903b9049c0136e89b026b871a0c236d720be356e111\
         d622c9017fd5551802e01e0c878077067f96e90380814f05fadcf20497faa004d837600e947c7008"
    );
    assert_eq!(
        hex(&hasher.text(four_characters(), &words).to_bytes()),
        "72744d480200efcdab89674523010480100000004c14da057deb4c0002d4900641876d02c1be1b0033c10a00\
         b7cfeb00fa0f950181e4270088e7e9007a188801d3553f03c2b343011036ee023f849101aaef8500"
    );
    assert_eq!(
        hex(&SimHash::of_text(four_characters(), &words).to_bytes()),
        "72745348020004803683ec1a9ba70080"
    );
}

#[test]
fn an_empty_text_keeps_its_bytes() {
    let empty = MinHasher::new(8, 1).expect("8 lanes").text(three_words(), &Words::new("…"));
    let header = "72744d4802000100000000000000030008000000";
    assert_eq!(hex(&empty.to_bytes()), format!("{header}{}", "ffffffff".repeat(8)));
    let empty = SimHash::of_text(three_words(), &Words::new("…"));
    assert_eq!(hex(&empty.to_bytes()), "72745348020003000000000000000000");
}

#[test]
fn a_signature_written_by_hand_is_read_whatever_the_host() {
    let mut lanes = Vec::new();
    for lane in 1..=8 {
        lanes.extend([lane, 0, 0, 0x10 * lane]);
    }
    let bytes = [
        &b"rtMH"[..],
        &[2, 0],
        &[0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11],
        &[4, 0x80],
        &[8, 0, 0, 0],
        &lanes,
    ]
    .concat();
    let read = Signature::from_bytes(&bytes).expect("a signature");
    assert_eq!(read.seed(), 0x1122_3344_5566_7788);
    assert_eq!(read.lanes()[..3], [0x1000_0001, 0x2000_0002, 0x3000_0003]);
    assert_eq!(read.to_bytes(), bytes);

    // It compares with signatures of the same seed and shingles, and with no other.
    let here = MinHasher::new(8, read.seed()).expect("8 lanes");
    let words = Words::new("the ferry sank");
    assert_eq!(read.jaccard(&here.text(four_characters(), &words)), Ok(0.0));
    let error = read.jaccard(&here.text(three_words(), &words)).expect_err("other shingles");
    let differs = ErrorKind::Mismatch { what: "shingle", expected: 0x8004, found: 3 };
    assert_eq!(error.kind(), &differs);
}

#[test]
fn a_simhash_written_by_hand_is_read_whatever_the_host() {
    let bits = [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11];
    let bytes = [&b"rtSH"[..], &[2, 0], &[3, 0], &bits].concat();
    let read = SimHash::from_bytes(&bytes).expect("a SimHash");
    assert_eq!(read.bits(), 0x1122_3344_5566_7788);
    assert_eq!(read.to_bytes(), bytes);
    let here = SimHash::of_text(three_words(), &Words::new("the ferry sank"));
    assert_eq!(read.distance(&here), Ok((read.bits() ^ here.bits()).count_ones()));
    assert!(SimHash::of_text(four_characters(), &Words::new("ferry")).distance(&read).is_err());
}

/// An article and its pinned fingerprint.
struct GoldenFingerprint {
    title: Option<&'static str>,
    text: String,
    expected: Kept,
}

/// The content of a fingerprint; long lists by their length and the hash of their numbers, each in four
/// bytes, little-endian.
#[derive(Debug, PartialEq)]
struct Kept {
    language: Language,
    words: usize,
    content: u128,
    terms: (usize, u64),
    sample: (usize, u64),
}

impl Kept {
    fn of(fingerprint: &Fingerprint) -> Self {
        // Only the debug output shows the content and the terms.
        let shown = format!("{fingerprint:?}");
        let content = shown_after(&shown, "content: ", ',').parse().expect("a number");
        let terms: Vec<u32> = shown_after(&shown, "terms: [", ']')
            .split(", ")
            .map(|term| term.parse().expect("a number"))
            .collect();
        Kept {
            language: fingerprint.language(),
            words: fingerprint.words(),
            content,
            terms: counted(&terms),
            sample: counted(fingerprint.shingles().values()),
        }
    }
}

/// The text between a name and the next `end`.
fn shown_after<'a>(shown: &'a str, name: &str, end: char) -> &'a str {
    let (_, rest) = shown.split_once(name).expect("the name of a field");
    rest.split(end).next().unwrap_or_default()
}

fn counted(numbers: &[u32]) -> (usize, u64) {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    (numbers.len(), hash::bytes(&bytes))
}

/// More words, phrases and ties than a fingerprint keeps, with numbers among them.
fn long_text() -> String {
    let sentence = |n: usize| {
        let name = ["Kel", "Or", "Skar", "Vey", "Tol"][n % 5].to_owned()
            + ["holt", "rin", "ne", "mund"][n / 5 % 4]
            + ["sen", "", "gard", "wick", "ia", "by", "dorf"][n / 20 % 7];
        format!("The harbour of {name} took {} ships and 1,{n:03} tons in its year {n}. ", n * n)
    };
    (0..300).map(sentence).collect()
}

fn golden_fingerprints() -> [GoldenFingerprint; 5] {
    let article =
        |title, text: &str, expected| GoldenFingerprint { title, text: text.to_owned(), expected };
    let kept =
        |language, words, content, terms, sample| Kept { language, words, content, terms, sample };
    [
        article(
            Some("Ferry aground off Kelm"),
            "A ferry with 1,200 passengers ran aground off Kelm on Monday night. Nobody was hurt, \
             harbour master Ida Rosk said; divers will examine the ferry's hull on May 6, 2031.",
            kept(
                Language::English,
                31,
                0x1122_9630_fbda_bcf1_a70b_f3a9_2128_800b,
                (29, 0xe421_458c_1637_d024),
                (28, 0x7cb9_3eb9_a05b_7126),
            ),
        ),
        article(
            Some("Phà mắc cạn ở cảng Kiệm"),
            "Một chiếc phà chở 212 hành khách đã mắc cạn gần cảng Kiệm vào tối thứ Hai. Không ai bị \
             thương, bà Ida Rosk cho biết; thợ lặn sẽ kiểm tra thân tàu vào ngày 6 tháng 5.",
            kept(
                Language::Vietnamese,
                38,
                0x0fb3_8efd_c819_a405_14dd_4b47_4ea3_162b,
                (38, 0x1a3a_3e56_ebe1_d780),
                (35, 0xbdec_8e70_e6c2_ff0a),
            ),
        ),
        article(
            None,
            "Паром с 212 пассажирами сел на мель у порта Кельм в понедельник ночью. Никто не \
             пострадал, сообщил капитан Ёлкин; водолазы осмотрят корпус парома 6 мая 2031 года.",
            kept(
                Language::Cyrillic,
                27,
                0xaf76_b99e_aed5_09ce_e1da_3c97_9a5a_5912,
                (27, 0x4500_94f2_b601_3be3),
                (24, 0xcc64_2bdb_e066_0703),
            ),
        ),
        article(
            None,
            "载有212名乘客的渡轮周一晚间在港口附近搁浅，无人受伤。港务局长表示，潜水员将于5月6日检查船体。",
            kept(
                Language::Han,
                37,
                0x173a_f99e_a160_be0f_c328_e55d_42bc_92c8,
                (37, 0x9006_cfdb_4af7_88fd),
                (34, 0xabe5_5ec4_ea84_961a),
            ),
        ),
        article(
            Some("Tonnage of the ports"),
            &long_text(),
            kept(
                Language::English,
                4200,
                0xfe52_e921_f3a8_f503_1958_865f_c615_6dfe,
                (192, 0xa0a5_1eec_f2d7_b76f),
                (334, 0x7a15_3f1b_e800_5624),
            ),
        ),
    ]
}

#[test]
fn fingerprints_keep_what_they_hold() {
    for GoldenFingerprint { title, text, expected } in golden_fingerprints() {
        let mut article = Article::new("a", &text);
        if let Some(title) = title {
            article = article.title(title);
        }
        let fingerprint = Fingerprint::new(&article).expect("a text with words");
        assert_eq!(Kept::of(&fingerprint), expected, "{text}");
    }
}
