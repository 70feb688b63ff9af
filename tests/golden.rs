//! Golden vectors: what is stored or sent to another machine, bit by bit.
//!
//! **If one of these tests fails, what people keep no longer means what it meant: undo the change,
//! or raise [`SCHEME_VERSION`] and make the vectors anew.** They hold on every machine,
//! little-endian or not, and with every kernel.
//!
//! The values come from a second implementation, written in Python from the documentation, which
//! was given the words of each text as they stand here.

use retold::hash::{self, SCHEME_VERSION};
use retold::{ErrorKind, Kernel, MinHasher, Shingler, Signature, SimHash, Words};

/// A text and all that follows from it in version 1 of the scheme.
struct Golden {
    name: &'static str,
    /// Ways to write the text, which are all the same.
    sources: &'static [&'static str],
    /// Each word as it is normalised, and its hash. Of a number the hash is that of the digits
    /// without what parts thousands.
    words: &'static [(&'static str, u64)],
    /// The shingles of three words.
    word_shingles: &'static [u64],
    /// The shingles of four characters.
    characters: Characters,
    /// The bytes of the signature of the word shingles, 8 lanes and seed 1, in hex: eight lanes
    /// are more than some of these texts fill in one round.
    minhash: &'static str,
    /// The bytes of the SimHash of the word shingles, in hex.
    simhash: &'static str,
}

/// What is pinned of the shingles of characters, which are many.
#[derive(Debug, PartialEq)]
struct Characters {
    count: usize,
    first: u64,
    /// The hash of all of them one after another, little-endian.
    all: u64,
}

const VERSION_1: [Golden; 6] = [
    Golden {
        name: "english",
        sources: &[
            "“The FERRY’s hull is torn,” said Ida Rosk: 1,200 aboard — café closed",
            "\"The ferry's hull is torn\", SAID Ida Rosk; 1,200 aboard - cafe\u{301} closed.",
            "‘The fe\u{ad}rry`s hull is torn’ said Ida Ro\u{200b}sk.\r\n1,200 aboard…\tＣａｆé closed",
        ],
        words: &[
            ("the", 0xcb12_8363_1cf3_3d7d),
            ("ferry", 0xd152_ce34_ff76_fb2b),
            ("s", 0xd6b9_d4d1_4ff6_be13),
            ("hull", 0xccdf_1249_a098_8ea3),
            ("is", 0x82ae_9640_2909_4daa),
            ("torn", 0xc86c_09cf_01df_a526),
            ("said", 0x14c3_dd57_acec_1933),
            ("ida", 0xe09a_9b01_1a1f_b2ca),
            ("rosk", 0x3229_648c_374b_e8ae),
            ("1,200", 0x07f3_4d19_bfac_0d65),
            ("aboard", 0xff9a_9376_08c3_4257),
            ("café", 0x4c83_dbd5_f29d_367f),
            ("closed", 0xffe7_3dac_d1ba_ef57),
        ],
        word_shingles: &[
            0x0898_2e61_e4ad_6b54,
            0xfcb8_3569_01ff_a7fd,
            0x16c0_21f2_0578_96f4,
            0x0c83_8181_21bc_d6b6,
            0x265f_cd8b_0b0b_fbe4,
            0xbd78_9ea2_1c4c_4533,
            0x08ea_525f_62d7_9b2e,
            0xc560_276c_34b9_eda3,
            0xd69b_26ed_6f14_cc07,
            0x60d0_c748_1198_4a40,
            0xd8dc_973f_ccb6_3105,
        ],
        characters: Characters {
            count: 60,
            first: 0x9731_2f72_3cfe_095f,
            all: 0xf49a_f3f3_fdb5_ff16,
        },
        minhash: "72744d4801000100000000000000030008000000\
            a8da7b1ed014252903536902359f210c51a5570af05ba902c856de00dcfec804",
        simhash: "727453480100030024cfbc056907d80c",
    },
    Golden {
        name: "russian",
        sources: &[
            "Паром сел на мель у порта Кельм, сообщил капитан Ёлкин.",
            "ПАРОМ СЕЛ НА МЕЛЬ У ПОРТА «КЕЛЬМ» — СООБЩИЛ КАПИТАН Е\u{308}ЛКИН",
        ],
        words: &[
            ("паром", 0x9a5c_f60b_e723_348d),
            ("сел", 0x338e_9bef_2faf_a6ae),
            ("на", 0xcb14_1064_1c65_2f8e),
            ("мель", 0xb147_456c_1bd5_1fe5),
            ("у", 0x2908_3859_9882_3023),
            ("порта", 0xaa7e_d0f9_5615_cf7e),
            ("кельм", 0xbe36_346b_825f_dcbe),
            ("сообщил", 0x07f7_8ee4_aa78_5ed6),
            ("капитан", 0xc922_3ba9_2b1b_9d32),
            ("ёлкин", 0x2b99_846f_3bf1_d823),
        ],
        word_shingles: &[
            0x3c5e_0ebc_62f5_0356,
            0x43ea_43f4_6ebd_efae,
            0xc0f2_e2f3_1c72_e80e,
            0x9b45_1cc5_8a0e_6dc6,
            0x820a_b853_6b42_b94a,
            0x6282_b90b_8650_d282,
            0x125a_5311_861f_a9c3,
            0xd80b_5a00_8a2a_7193,
        ],
        characters: Characters {
            count: 50,
            first: 0x8d9e_6ce0_1996_e245,
            all: 0xc6fb_e9e6_7f14_ceed,
        },
        minhash: "72744d4801000100000000000000030008000000\
            bf4808061d101e00ab15fe20c8f2b900a358c10eaaa72c0e64ce2e1b11197917",
        simhash: "727453480100030082e9120a111a4a02",
    },
    Golden {
        name: "arabic",
        sources: &[
            "أعلنت البلدية إغلاق الجسر القديم يوم الأحد.",
            "\u{200f}أعلنت البلديـــة إغلاق «الجسر القديم»، يوم الا\u{654}حد؟",
        ],
        words: &[
            ("أعلنت", 0x3ef5_6152_2d83_d26a),
            ("البلدية", 0xbdb4_e013_c48f_c8b3),
            ("إغلاق", 0x0e4e_0b0a_7929_9a2a),
            ("الجسر", 0x64d8_0139_20ba_f4ea),
            ("القديم", 0xbcb3_49d4_a5d0_fc7a),
            ("يوم", 0xcce1_653e_a1ab_7afb),
            ("الأحد", 0x6fc6_1199_827a_6e85),
        ],
        word_shingles: &[
            0x0ca6_ef08_b30f_df37,
            0x65b4_563d_11c7_9e56,
            0x8031_6494_a580_3067,
            0x6705_1201_d626_5387,
            0x859a_930a_8900_2737,
        ],
        characters: Characters {
            count: 39,
            first: 0xb7ce_c47f_f68e_8b0f,
            all: 0x994b_952f_b243_e909,
        },
        minhash: "72744d4801000100000000000000030008000000\
            33ef68088001940be2b995276693990f280230389e762c571856d5042eef7c25",
        simhash: "7274534801000300371706910856b405",
    },
    Golden {
        name: "chinese",
        sources: &["渡轮周一在港口搁浅，无人受伤。", "「渡轮周一在港口搁浅」 无人受伤！"],
        words: &[
            ("渡轮", 0xba3f_f225_5a5f_fd67),
            ("轮周", 0x4d52_c7ca_dfba_54a3),
            ("周一", 0xbeec_7bc5_7f04_be90),
            ("一在", 0xbbac_8b12_fb99_df35),
            ("在港", 0xe1da_f64b_e119_dcfc),
            ("港口", 0x5805_832d_9a6f_7832),
            ("口搁", 0x7a0a_749e_4c40_ff33),
            ("搁浅", 0x289c_8e79_fe06_ed9d),
            ("无人", 0xd0be_8828_f277_b208),
            ("人受", 0x2f98_1ca7_7204_c007),
            ("受伤", 0x1fc4_ef69_92d6_c753),
        ],
        word_shingles: &[
            0x11cd_5cdb_cee6_5e4f,
            0x3d39_0231_af6e_acfa,
            0x3ffa_786f_8ff7_2773,
            0x6b7a_8c85_ea9f_9277,
            0x85e5_53cf_bd88_d521,
            0xb0c3_ea03_7af9_32ed,
            0xfdfb_6e11_2e1c_4cdf,
            0xad55_55bd_aae7_c1ff,
            0x6e2c_5fa9_363c_3648,
        ],
        characters: Characters {
            count: 11,
            first: 0x05d3_9b23_4590_c400,
            all: 0x6228_4c2d_8662_cf68,
        },
        minhash: "72744d4801000100000000000000030008000000\
            73f1352315ddd50e4e9e7f060648a317960e141cbadc9d0740cd490123eafa0d",
        simhash: "72745348010003007f16feae895ef93d",
    },
    Golden {
        name: "thai",
        sources: &["เรือทำงาน วันนี้", "เรือท\u{e4d}\u{e32}งาน\u{200b} (วันนี้)"],
        words: &[
            ("เรื", 0xa920_dd4b_8bc8_c41d),
            ("รือ", 0xe7db_8ef6_62d1_02cb),
            ("ือท", 0x1f35_293b_599e_4df9),
            ("อทํ", 0x834e_0d98_8948_aa0f),
            ("ทํา", 0x5b72_feca_b813_ba50),
            ("ําง", 0xc5cb_38f7_5797_77d1),
            ("างา", 0x394a_91a2_28c1_5e7a),
            ("งาน", 0x4435_931e_dc34_a2d4),
            ("วัน", 0xfdcc_0f18_d46a_beb3),
            ("ันน", 0x047d_bbd2_a26e_16e8),
            ("นนี", 0x286c_3520_80ca_5d49),
            ("นี้", 0x7768_f7e5_d10d_47cf),
        ],
        word_shingles: &[
            0x13b3_50ed_5bcf_aeba,
            0xb5ee_b19a_276a_78a5,
            0x7ad1_2b7e_5e83_32b3,
            0x0d25_c13f_ce9c_cf2d,
            0x42bf_43c4_b312_1ec2,
            0x72d1_1b62_7658_4c05,
            0xc435_2462_3041_e8c4,
            0xbde6_b1d5_e2db_b753,
            0x90cc_4dd7_d80a_5c1b,
            0xb989_ebe7_729e_3f4f,
        ],
        characters: Characters {
            count: 14,
            first: 0xb481_3681_4e8d_48a2,
            all: 0xb955_d2d4_1a04_53a0,
        },
        minhash: "72744d4801000100000000000000030008000000\
            113308048baacd09c4f8d802389b153550920c0a53228012f7865b001c4f3d1a",
        simhash: "7274534801000300033e0a72e601a510",
    },
    Golden {
        name: "vietnamese",
        sources: &[
            "Phà mắc cạn gần cảng Kiệm vào tối thứ Hai.",
            "Pha\u{300} ma\u{306}\u{301}c ca\u{323}n ga\u{302}\u{300}n ca\u{309}ng Kie\u{323}\u{302}m va\u{300}o to\u{302}\u{301}i thu\u{31b}\u{301} Hai",
            "PHÀ MẮC CẠN GẦN CẢNG KIỆM VÀO TỐI THỨ HAI",
        ],
        words: &[
            ("phà", 0xa380_a0c2_f412_b925),
            ("mắc", 0x59d3_ae78_5229_a9b1),
            ("cạn", 0x4dcd_49b8_ca5e_b30f),
            ("gần", 0xe7ce_6590_6f0c_9d00),
            ("cảng", 0x866f_56a2_caf8_3723),
            ("kiệm", 0xc04d_2cd3_9304_ff21),
            ("vào", 0x9600_8f87_8d9f_85c4),
            ("tối", 0x94fc_ab84_5e65_05e7),
            ("thứ", 0xcc6f_505b_f0df_b03f),
            ("hai", 0x5c9d_58a0_4630_041c),
        ],
        word_shingles: &[
            0xd377_c17f_3403_26d8,
            0x1519_4540_6fe0_272c,
            0x2ede_3cbc_ace5_04ab,
            0x80a1_a445_9fce_98be,
            0xf636_fbf4_0808_1085,
            0xa767_77fa_8960_1df5,
            0x8318_6afa_9057_7355,
            0xc953_17ca_b671_fcc8,
        ],
        characters: Characters {
            count: 38,
            first: 0x1a24_ed35_facf_dc3f,
            all: 0xf942_1cc5_5c50_8d43,
        },
        minhash: "72744d4801000100000000000000030008000000\
            878547001c4f971327efff09433be904c471a20f7733df083771580a72570501",
        simhash: "72745348010003008c14408cf8651383",
    },
];

/// Calls `test` with every text of the table in every way of writing it.
fn for_each_source(test: impl Fn(&Golden, &Words, &str)) {
    for golden in &VERSION_1 {
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
    assert_eq!(SCHEME_VERSION, 1);
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
    // Of more words than the table of their weights has places.
    let ten = Shingler::words(10).expect("a size in range");
    let mut found = Vec::new();
    ten.hashes_into(&Words::new(VERSION_1[0].sources[0]), &mut found);
    let expected = [
        0xb108_15d8_13c0_163f,
        0x68f8_e93d_e015_3aca,
        0xddba_1c0c_8e47_7cc3,
        0x4f31_0229_bbeb_2ebd,
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
    let words = Words::new(VERSION_1[0].sources[0]);
    let hasher = MinHasher::new(16, 0x0123_4567_89ab_cdef).expect("16 lanes");
    assert_eq!(
        hex(&hasher.text(three_words(), &words).to_bytes()),
        "72744d480100efcdab896745230103001000000066acd50330d04b0068ccc70608a9d7022e53312b43dc4209\
         c553c300d3cf1909cd56a10686b9ba093f0f1b10f3ff09031ec06204c8b4db2d7203aa01f6df8e04"
    );
    assert_eq!(
        hex(&hasher.text(four_characters(), &words).to_bytes()),
        "72744d480100efcdab89674523010480100000004c14da057deb4c0002d4900641876d02c1be1b0033c10a00\
         b7cfeb00fa0f950181e4270088e7e9007a188801d3553f03c2b343011036ee023f849101aaef8500"
    );
    assert_eq!(
        hex(&SimHash::of_text(four_characters(), &words).to_bytes()),
        "72745348010004803683ec1a9ba70080"
    );
}

#[test]
fn an_empty_text_keeps_its_bytes() {
    let empty = MinHasher::new(8, 1).expect("8 lanes").text(three_words(), &Words::new("…"));
    let header = "72744d4801000100000000000000030008000000";
    assert_eq!(hex(&empty.to_bytes()), format!("{header}{}", "ffffffff".repeat(8)));
    let empty = SimHash::of_text(three_words(), &Words::new("…"));
    assert_eq!(hex(&empty.to_bytes()), "72745348010003000000000000000000");
}

#[test]
fn a_signature_written_by_hand_is_read_whatever_the_host() {
    let mut lanes = Vec::new();
    for lane in 1..=8 {
        lanes.extend([lane, 0, 0, 0x10 * lane]);
    }
    let bytes = [
        &b"rtMH"[..],
        &[1, 0],
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

    // It compares with what is made here with that seed and of such shingles, and with no other.
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
    let bytes = [&b"rtSH"[..], &[1, 0], &[3, 0], &bits].concat();
    let read = SimHash::from_bytes(&bytes).expect("a SimHash");
    assert_eq!(read.bits(), 0x1122_3344_5566_7788);
    assert_eq!(read.to_bytes(), bytes);
    let here = SimHash::of_text(three_words(), &Words::new("the ferry sank"));
    assert_eq!(read.distance(&here), Ok((read.bits() ^ here.bits()).count_ones()));
    assert!(SimHash::of_text(four_characters(), &Words::new("ferry")).distance(&read).is_err());
}
