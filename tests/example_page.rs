//! The page of `story_families --html` in a real browser. Without one, each test says that it is skipped.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

#[path = "support/browser.rs"]
mod browser;
#[allow(dead_code, reason = "other tests read the document from standard output")]
#[path = "support/story_families.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use browser::Browser;
use support::{ARTICLES, families, list, run, stderr};

/// The page and the document of a folder of articles, in a temporary folder.
struct Report {
    _folder: TempDir,
    page: PathBuf,
    document: Value,
}

fn report(articles: &str) -> Report {
    let folder = TempDir::new().unwrap();
    let [page, document] = ["report.html", "report.json"].map(|name| folder.path().join(name));
    let output = run(&[
        articles,
        "--texts",
        "--html",
        page.to_str().unwrap(),
        "--json",
        document.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document = serde_json::from_slice(&fs::read(document).unwrap()).unwrap();
    Report { _folder: folder, page, document }
}

/// A browser that shows a report.
fn opened(report: &Report, address: &str) -> Option<Browser> {
    let browser = Browser::start(1280, 900)?;
    browser.open(&report.page, address);
    Some(browser)
}

/// Asserts that the console has no error and that the page requested nothing but itself.
fn assert_calm(browser: &Browser, page: &Path) {
    assert_eq!(browser.complaints(), [""; 0]);
    let own = format!("file://{}", page.display());
    let requests = browser.requests();
    let foreign: Vec<_> = requests.iter().filter(|url| !url.starts_with(&own)).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert!(!requests.is_empty(), "the log of requests has the page itself");
    let loaded = "performance.getEntriesByType('resource').map((entry) => entry.name)";
    assert_eq!(browser.value(loaded), json!([]));
}

const VISIBLE: &str =
    "[...document.querySelectorAll('.view')].filter((v) => !v.hidden).map((v) => v.id).join()";

fn wait_for(browser: &Browser, view: &str) {
    browser.wait_until(&format!("{VISIBLE} === {view:?}"));
}

#[test]
fn the_page_lists_the_families_of_the_document_and_asks_nothing_of_the_network() {
    let report = report(ARTICLES);
    let Some(browser) = opened(&report, "") else { return };
    let labels: Vec<&str> = list(&report.document["families"])
        .iter()
        .map(|family| family["label"].as_str().unwrap())
        .collect();
    assert_eq!(browser.texts(".row-title"), labels);
    let sizes: Vec<String> =
        families(&report.document).iter().map(|ids| format!("{} articles: ", ids.len())).collect();
    assert_eq!(browser.texts(".row-size"), sizes);
    assert_eq!(browser.texts("#found"), ["10 families"]);
    assert_eq!(browser.texts("#figures dd"), ["46", "10", "24", "22", "1"]);
    assert_eq!(browser.texts("#alone summary"), ["22 articles in no family"]);

    browser.click("#alone summary");
    browser.wait_until("document.querySelectorAll('#alone li').length === 22");
    browser.click("#skipped summary");
    browser.wait_until("document.querySelector('#skipped li')?.textContent === 'empty.txt: empty'");
    assert_calm(&browser, &report.page);
}

#[test]
fn filters_and_sorting_change_the_list() {
    let report = report(ARTICLES);
    let Some(browser) = opened(&report, "") else { return };
    let choose = |name: &str, value: &str| {
        let field = format!("document.getElementById('filters').elements[{name:?}]");
        browser.value(&format!(
            "{field}.value = {value:?}, {field}.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        ));
        browser.texts(".row-title")
    };
    let ferry = "Ferry with 148 aboard runs onto Cutter's Reef outside Tolvik";
    // A word of a member's title, with an accent and in upper case.
    browser.click("[name=text]");
    browser.press("LIFÉBOAT");
    assert_eq!(browser.texts(".row-title"), [ferry]);
    assert_eq!(browser.texts("#found"), ["1 of 10 families"]);
    assert_eq!(choose("text", "no such words"), [""; 0]);
    assert_eq!(browser.texts("#rows-empty"), ["No family is left by these filters."]);
    assert_eq!(choose("text", "").len(), 10);
    assert_eq!(choose("size", "3").len(), 2);
    browser.click("#filters [type=reset]");
    browser.wait_until("document.querySelectorAll('.row').length === 10");
    assert_eq!(choose("outlet", "Market Ledger").len(), 2);
    assert_eq!(choose("outlet", "").len(), 10);
    assert_eq!(choose("from", "2031-05-15"), ["Bank of Vestria cuts key rate to 3.25 percent"]);
    browser.click("#filters [type=reset]");
    assert_eq!(choose("to", "2031-04-28"), ["Kolm zinc mine to reopen after twelve years"]);
    browser.click("#filters [type=reset]");
    assert_eq!(choose("level", "copy").len(), 3);
    choose("level", "");
    let by_title = choose("sort", "title");
    assert!(by_title.is_sorted_by_key(|title| title.to_lowercase()), "{by_title:?}");
    assert_eq!(choose("sort", "newest")[0], "Bank of Vestria cuts key rate to 3.25 percent");
    assert_eq!(choose("sort", "oldest")[0], "Kolm zinc mine to reopen after twelve years");

    // The family's page keeps the order of the list.
    browser.click(".row a");
    wait_for(&browser, "family-view");
    assert_eq!(browser.texts("#family-crumbs span:not(.push)"), ["1 of 10"]);
    assert_calm(&browser, &report.page);
}

#[test]
fn a_family_shows_its_members_and_every_cell_of_the_matrix_opens_a_pair() {
    let report = report(ARTICLES);
    let Some(browser) = opened(&report, "#/family/0") else { return };
    let family = &report.document["families"][0];
    assert_eq!(browser.texts("#family-title"), [family["label"].as_str().unwrap()]);
    let names: Vec<&str> = list(&family["members"])
        .iter()
        .map(|member| member.get("title").unwrap_or(&member["id"]).as_str().unwrap())
        .collect();
    assert_eq!(browser.texts("#members td.title a"), names);
    assert_eq!(browser.texts("#provenance a").len(), names.len());
    assert_eq!(browser.value("document.querySelectorAll('#matrix tbody td').length"), json!(25));
    assert_eq!(browser.value("document.querySelectorAll('#timeline .dot').length"), json!(3));
    let share = family["contained"][2][1].as_f64().unwrap();
    let cell = "#matrix tbody tr:nth-child(3) td:nth-of-type(2)";
    assert_eq!(browser.texts(cell), [format!("{:.0}", share * 100.0)]);
    browser.click(cell);
    wait_for(&browser, "reader-view");
    assert_eq!(browser.value("location.hash"), json!("#/read/0/1/2"));
    assert_calm(&browser, &report.page);
}

#[test]
fn a_pair_is_read_side_by_side_with_both_sides_marked_and_moved_together() {
    let report = report(ARTICLES);
    let Some(browser) = opened(&report, "#/read/0/0/1") else { return };
    let alignment = &report.document["families"][0]["alignments"][0];
    let pairs = list(&alignment["pairs"]);
    assert_eq!(browser.value("document.querySelectorAll('.page').length"), json!(2));

    // Both texts are complete, apart from the numbers of the pairs and white space.
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    for (side, id) in [("left", &alignment["left"]), ("right", &alignment["right"])] {
        let article = list(&report.document["articles"]).iter().find(|a| a["id"] == *id).unwrap();
        let shown = format!(
            "(() => {{ const b = document.querySelector('[data-side={side}] .body').cloneNode(true); \
             b.querySelectorAll('.number-of-pair').forEach((e) => e.remove()); return b.textContent; }})()"
        );
        let shown = browser.value(&shown);
        assert_eq!(squeezed(shown.as_str().unwrap()), squeezed(article["text"].as_str().unwrap()));
    }
    for kind in ["verbatim", "edited", "reworded"] {
        let expected = pairs.iter().filter(|pair| pair["kind"] == kind).count();
        let marks = browser.texts(&format!("#legend .{kind}"));
        assert!(marks[0].starts_with(&format!("{expected} ")), "{marks:?}");
    }
    let only = list(&alignment["only_left"]).len();
    let shown =
        browser.value("document.querySelectorAll('[data-side=left] .sentence.only').length");
    assert_eq!(shown, json!(only));
    let differences: usize = pairs.iter().map(|pair| list(&pair["differences"]).len()).sum();
    assert_eq!(
        browser.value("document.querySelectorAll('#differences button').length"),
        json!(differences)
    );
    assert!(differences > 0);

    // The sides on which a sentence of a pair has this mark.
    let sides = |class: &str, pair: usize| {
        let sentences = format!(".sentence.{class}[data-pairs~=\"{pair}\"]");
        browser.value(&format!(
            "[...document.querySelectorAll({sentences:?})].map((e) => e.closest('.page').dataset.side)"
        ))
    };
    // Hovering over a sentence marks its partner, a click aligns both.
    let last = pairs.len() - 1;
    let sentence = format!("[data-side=left] [data-pairs~=\"{last}\"]");
    browser.click(&sentence);
    let both = json!(["left", "right"]);
    assert_eq!(sides("near", last), both);
    assert_eq!(sides("active", last), both);
    browser.wait_until(
        "(() => { const [a, b] = [...document.querySelectorAll('.sentence.active')].map((e) => e.getBoundingClientRect()); \
         return Math.abs(a.top - b.top) < 4 || document.querySelectorAll('.page')[1].scrollTop > 0; })()",
    );

    // Keys move between pairs and between differences.
    browser.press("j");
    assert_eq!(sides("active", 0), both);
    assert_eq!(sides("active", last), json!([]));
    browser.press("k");
    assert_eq!(sides("active", last), both);
    browser.press("n");
    assert_eq!(browser.value("document.querySelectorAll('#differences .active').length"), json!(1));
    assert!(browser.texts("#announcer")[0].starts_with("Pair "));
    browser.press("x");
    browser.wait_until("location.hash === '#/read/0/1/0'");
    browser.wait_until("document.querySelector('[data-side=left] select').selectedIndex === 1");
    assert_calm(&browser, &report.page);
}

#[test]
fn everything_can_be_done_with_keys() {
    let report = report(ARTICLES);
    let Some(browser) = opened(&report, "") else { return };
    let (enter, escape, down, right) = ("\u{e007}", "\u{e00c}", "\u{e015}", "\u{e014}");
    browser.press("/");
    assert_eq!(browser.value("document.activeElement.name"), json!("text"));
    browser.press("psalter");
    assert_eq!(browser.texts(".row-title").len(), 1);
    browser.press(down);
    assert_eq!(browser.value("document.activeElement.closest('.row').dataset.at"), json!("0"));
    browser.press(enter);
    wait_for(&browser, "family-view");

    // Into the matrix by Tab, through it by arrows, and a pair by Enter.
    browser.wait_until("document.activeElement.id === 'main'");
    let tabs = "\u{e004}".repeat(40);
    for tab in tabs.chars() {
        if browser.value("document.activeElement.closest('#matrix') !== null") == json!(true) {
            break;
        }
        browser.press(&tab.to_string());
    }
    browser.press(down);
    browser.press(right);
    assert!(!browser.texts("#matrix-readout")[0].is_empty());
    browser.press(enter);
    wait_for(&browser, "reader-view");
    browser.press("j");
    assert_eq!(browser.value("document.activeElement.getAttribute('role')"), json!("link"));
    browser.press("?");
    assert_eq!(browser.value("document.getElementById('help').open"), json!(true));
    browser.press(escape);
    browser.press("u");
    wait_for(&browser, "family-view");
    browser.press("u");
    wait_for(&browser, "overview-view");
    assert_eq!(browser.value("document.querySelector('[name=text]').value"), json!("psalter"));
    assert_calm(&browser, &report.page);
}

/// Texts that try to run code in the page.
const HOSTILE: [&str; 9] = [
    "<script>window.ran = 1</script>",
    "\"><img src=x onerror=\"window.ran = 1\">",
    "</script><script>window.ran = 1</script>",
    "<!--<script>",
    "<svg onload=window.ran=1>",
    "javascript:window.ran=1",
    "{{ 7 * 7 }} ${window.ran = 1}",
    "'; window.ran = 1; //",
    "\u{2028}\u{202e}txet desrever \u{0}\u{7f} <b>bold</b>",
];

#[test]
fn hostile_articles_are_shown_and_never_run() {
    let folder = TempDir::new().unwrap();
    let told = "The ferry Sula ran aground off Kelm on Monday with 212 aboard, harbour master Ida Rosk \
                said. Nobody was hurt, and divers will examine the hull on Tuesday morning.";
    let lines: Vec<String> = HOSTILE
        .iter()
        .enumerate()
        .flat_map(|(at, hostile)| {
            let story = format!("{told} {at} {} The bell tower number {at} was sold.", at * 7919);
            let article = |id: String| {
                json!({
                    "id": id, "title": hostile, "source": hostile, "date": "2031-05-06",
                    "text": format!("{hostile} {story}\n\n{hostile}"),
                })
            };
            [article(format!("{hostile}{at}a")), article(format!("{hostile}{at}b"))]
        })
        .map(|article| article.to_string())
        .collect();
    fs::write(folder.path().join("hostile.jsonl"), lines.join("\n")).unwrap();
    fs::write(folder.path().join("<img src=x onerror=alert(1)>.txt"), "").unwrap();
    let report = report(folder.path().to_str().unwrap());

    // Nothing of it is HTML in the file itself.
    let page = fs::read_to_string(&report.page).unwrap();
    assert!(!page.contains("window.ran"));

    let Some(browser) = opened(&report, "") else { return };
    let families = list(&report.document["families"]);
    assert!(!families.is_empty());
    browser.click("#skipped summary");
    browser.wait_until(
        "document.querySelector('#skipped li')?.textContent.includes('<img src=x onerror')",
    );
    for (number, family) in families.iter().enumerate() {
        browser.open(&report.page, &format!("#/family/{number}"));
        let titles: Vec<&str> = list(&family["members"])
            .iter()
            .map(|member| member["title"].as_str().unwrap().trim())
            .collect();
        browser.wait_until(&format!("location.hash === '#/family/{number}'"));
        wait_for(&browser, "family-view");
        browser.wait_until(&format!(
            "document.getElementById('family-title').textContent === {}",
            family["label"]
        ));
        // A long list shows its first rows only.
        let shown = browser.texts("#members td.title a");
        assert!(
            shown.len() >= 2.min(titles.len())
                && titles.starts_with(&shown.iter().map(String::as_str).collect::<Vec<_>>()),
            "{shown:?}"
        );
        let scripts = "document.querySelectorAll('main script, main img, main svg, main b, main iframe').length";
        assert_eq!(browser.value(scripts), json!(0));
        browser.open(&report.page, &format!("#/read/{number}/0/1"));
        wait_for(&browser, "reader-view");
        let body = browser.texts("[data-side=left] .body");
        let text = list(&report.document["articles"])
            .iter()
            .find(|article| article["id"] == family["members"][0]["id"])
            .unwrap()["text"]
            .as_str()
            .unwrap();
        let first_words: String = text.chars().take_while(|&c| c != 'T').collect();
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        assert!(squeezed(&body[0]).contains(&squeezed(&first_words)), "{body:?}");
        assert_eq!(browser.value(scripts), json!(0));
        assert_eq!(browser.value("window.ran"), Value::Null);
    }
    assert_calm(&browser, &report.page);

    // The policy forbids HTML from a string even if the page had that bug.
    let made = "(() => { try { document.body.innerHTML = '<p>'; return 'made'; } catch (error) { return error.name; } })()";
    assert_eq!(browser.value(made), json!("TypeError"));
    let made = "(() => { try { document.body.setAttribute('onclick', 'window.ran = 1'); return 'made'; } catch (error) { return error.name; } })()";
    assert_eq!(browser.value(made), json!("TypeError"));
}

/// Visible texts whose contrast with their background is below WCAG AA: 4.5, or 3 for large letters.
const LOW_CONTRAST: &str = r#"(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const linear = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('script, option, .visually-hidden')) continue;
    const behind = [];
    for (let e = element; e; e = e.parentElement) behind.unshift(getComputedStyle(e).backgroundColor);
    const style = getComputedStyle(element);
    const [ground, ink] = [luminance(paint(behind)), luminance(paint([...behind, style.color]))];
    const ratio = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) low.push(`${ratio.toFixed(2)} ${element.className || element.tagName}: ${walker.currentNode.data.slice(0, 30)}`);
  }
  return low;
})()"#;

#[test]
fn every_text_has_contrast_in_light_and_in_dark_and_nothing_is_wider_than_a_phone() {
    let report = report(ARTICLES);
    let Some(browser) = Browser::start(1280, 900) else { return };
    for scheme in ["light", "dark"] {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        browser.devtools("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
        for width in [1280, 390] {
            let size = json!({
                "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500,
            });
            browser.devtools("Emulation.setDeviceMetricsOverride", &size);
            for address in ["#/", "#/family/0", "#/family/1", "#/read/0/0/1", "#/read/1/0/1"] {
                browser.open(&report.page, address);
                let low = browser.value(LOW_CONTRAST);
                assert_eq!(low, json!([]), "{scheme}, {width} pixels, {address}");
                let wide = browser.value("document.documentElement.scrollWidth");
                assert!(wide.as_u64().unwrap() <= width, "{wide} of {width} pixels at {address}");
            }
        }
    }
}
