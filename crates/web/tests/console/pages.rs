//! Every page is drawn, is whole, and is laid down as a file to be looked at.

use crate::world::World;

const PAGES: [(&str, &str); 17] = [
    ("figures", "/console/figures"),
    ("inbox", "/console"),
    ("cases", "/console/cases"),
    ("search", "/console/cases?q=firmware"),
    ("case", "/console/cases/1"),
    ("case-new", "/console/cases/2"),
    ("access", "/console/cases/1/access"),
    ("room", "/console/cases/1/room"),
    ("parties", "/console/parties"),
    ("new", "/console/new"),
    ("board", "/console/board"),
    ("register", "/console/register"),
    ("products", "/console/products"),
    ("policies", "/console/policies"),
    ("people", "/console/people"),
    ("profile", "/console/profile"),
    ("missing", "/console/cases/77"),
];

/// What a reader with a keyboard or a screen reader needs of each page.
pub fn check(name: &str, html: &str) {
    assert_eq!(html.matches("<h1").count(), 1, "{name}: one first heading");
    assert!(
        html.contains("<html lang=") && html.contains("<title>") && html.contains("id=\"main\""),
        "{name}"
    );
    let mut ids: Vec<&str> = html
        .split(" id=\"")
        .skip(1)
        .filter_map(|s| s.split('"').next())
        .collect();
    ids.sort_unstable();
    let twice: Vec<&&str> = ids
        .windows(2)
        .filter(|w| w[0] == w[1])
        .map(|w| &w[0])
        .collect();
    assert!(twice.is_empty(), "{name}: ids twice: {twice:?}");
    for target in html
        .split(" for=\"")
        .skip(1)
        .filter_map(|s| s.split('"').next())
    {
        assert!(
            ids.binary_search(&target).is_ok(),
            "{name}: a label for nothing: {target}"
        );
    }
    for target in html
        .split("aria-describedby=\"")
        .skip(1)
        .filter_map(|s| s.split('"').next())
        .flat_map(str::split_whitespace)
    {
        assert!(
            ids.binary_search(&target).is_ok(),
            "{name}: described by nothing: {target}"
        );
    }
    assert!(
        !html.contains(" style=\"") && !html.contains("<script>"),
        "{name}: nothing inline"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_drawn_and_whole() {
    let w = World::new().await;
    w.busy().await;
    let cookie = w.cookie(w.lead.0).await;
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("console-pages");
    std::fs::create_dir_all(&folder).unwrap();
    let mut sheet = Vec::new();
    for (name, path) in PAGES {
        let page = w.get(path, &cookie).await;
        assert_eq!(
            page.status.is_success(),
            name != "missing",
            "{path}: {} {}",
            page.status,
            page.text
        );
        check(name, &page.text);
        for asset in page
            .text
            .split("\"/assets/")
            .skip(1)
            .filter_map(|s| s.split('"').next())
        {
            if !sheet.contains(&asset.to_owned()) {
                let file = w.get(&format!("/assets/{asset}"), "").await;
                assert!(file.status.is_success(), "{asset}");
                assert!(
                    file.headers["cache-control"]
                        .to_str()
                        .unwrap()
                        .contains("immutable")
                );
                std::fs::write(folder.join(asset), file.text).unwrap();
                sheet.push(asset.to_owned());
            }
        }
        std::fs::write(
            folder.join(format!("{name}.html")),
            page.text.replace("\"/assets/", "\""),
        )
        .unwrap();
    }
    let door = w.get("/console/sign-in", "").await;
    check("door", &door.text);
    std::fs::write(
        folder.join("door.html"),
        door.text.replace("\"/assets/", "\""),
    )
    .unwrap();
}

/// What the side bar and the list of people offer is what the use cases answer.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_offered_that_is_not_answered() {
    let w = World::new().await;
    let (mut with_figures, mut with_people) = (0, 0);
    for user in [w.lead.0, w.analyst.0, w.administrator.0] {
        let cookie = w.cookie(user).await;
        let profile = w.get("/console/profile", &cookie).await.text;
        for (path, count) in [
            ("/console/figures", &mut with_figures),
            ("/console/people", &mut with_people),
        ] {
            let offered = profile.contains(&format!("<a href=\"{path}\""));
            let page = w.get(path, &cookie).await;
            let answered = page.status == 200;
            assert_eq!(offered, answered, "{path}: {} {}", page.status, page.text);
            *count += usize::from(offered);
        }
    }
    assert_eq!(
        (with_figures, with_people),
        (2, 2),
        "some see it, some do not"
    );

    let changes = ["/roles\"", "/state\"", "action=\"/console/people\""];
    let lead = w.cookie(w.lead.0).await;
    let seen = w.get("/console/people", &lead).await.text;
    assert!(seen.contains("Jonas Weber"), "a lead sees who there is");
    let administrator = w.cookie(w.administrator.0).await;
    let administered = w.get("/console/people", &administrator).await.text;
    for change in changes {
        assert!(!seen.contains(change), "a lead cannot change: {change}");
        assert!(
            administered.contains(change),
            "an administrator can: {change}"
        );
    }
}
