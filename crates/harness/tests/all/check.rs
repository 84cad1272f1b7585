//! Compares what writers were told with what a server has.

use crate::writers::{Entry, Left};
use entente_harness::form;
use entente_harness::http::Client;
use entente_harness::instance::Server;
use entente_harness::ledger::sha256;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// What the checks found.
#[derive(Default)]
pub struct Found {
    /// Things that were acknowledged.
    pub acknowledged: u64,
    /// Reports without an answer that were sent again.
    pub repeated: u64,
    /// What was acknowledged and is not there.
    pub lost: Vec<String>,
    /// What is there without its parts.
    pub halves: Vec<String>,
    /// What was sent again and is there twice.
    pub doubled: Vec<String>,
    /// Cases that were looked at, to look at them once more at the end.
    cases: HashMap<String, usize>,
    receipts: Vec<String>,
}

impl Found {
    /// Compares what the writers were told with what the restarted server has.
    pub fn check(&mut self, server: &Server, token: &str, left: &[Left]) {
        let mut staff = server
            .client()
            .with("authorization", &format!("Bearer {token}"));
        let mut reporter = server.client();
        let mut again = HashMap::new();
        for form in left.iter().filter_map(|one| one.unanswered.as_ref()) {
            let page = reporter
                .post("/report", &form::content_type(), form)
                .unwrap();
            let (_, reference) = form::receipt(&page)
                .unwrap_or_else(|| panic!("a repetition was refused: {}", page.text()));
            let text = String::from_utf8_lossy(form).into_owned();
            let description =
                form::between(&text, "name=\"description\"\r\n\r\n", "\r\n--").unwrap();
            again.insert(description.to_owned(), reference);
            self.repeated += 1;
        }
        let fresh = self.fresh_cases(&mut staff);
        let looked_at = side_by_side(server, &fresh, |client, (_, case)| {
            let staff = client.with("authorization", &format!("Bearer {token}"));
            whole(staff, case)
        });
        let mut files: HashMap<String, Value> = HashMap::new();
        let mut of_description: HashMap<String, usize> = HashMap::new();
        let mut case_of: HashMap<String, String> = HashMap::new();
        for ((reference, case), (file, halves)) in fresh.into_iter().zip(looked_at) {
            self.halves.extend(halves);
            let description = &file["case"]["reports"][0]["form"]["description"];
            *of_description
                .entry(description.as_str().unwrap_or_default().to_owned())
                .or_default() += 1;
            case_of.insert(reference, case.clone());
            files.insert(case, file);
        }
        let mut receipts: Vec<String> = Vec::new();
        for (_, entry) in left.iter().flat_map(|one| &one.entries) {
            if let Entry::Report { receipt, .. } = entry {
                receipts.push(receipt.clone());
            }
        }
        let opened = side_by_side(server, &receipts, |client, receipt| thread(client, receipt));
        let threads: HashMap<&String, Option<Value>> = receipts.iter().zip(opened).collect();
        for (description, reference) in again {
            if of_description.get(&description) != Some(&1) {
                self.doubled.push(format!(
                    "{reference}: {:?}",
                    of_description.get(&description)
                ));
            }
        }
        for (_, entry) in left.iter().flat_map(|one| &one.entries) {
            self.acknowledged += 1;
            if !is_there(entry, &files, &case_of, &threads) {
                self.lost.push(format!("{entry:?}"));
            }
        }
        self.receipts.extend(receipts);
        for (case, file) in files {
            self.cases.insert(case, size(&file));
        }
    }

    /// Reference and case of every report that was not there before, acknowledged or not.
    fn fresh_cases(&self, staff: &mut Client) -> Vec<(String, String)> {
        let mut fresh = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = staff
                .get(&format!("/api/v1/register?limit=100{cursor}"))
                .unwrap()
                .json();
            for line in page["items"].as_array().unwrap() {
                let case = line["case"].as_str().unwrap();
                if self.cases.contains_key(case) {
                    return fresh;
                }
                fresh.push((
                    line["reference"].as_str().unwrap().to_owned(),
                    case.to_owned(),
                ));
            }
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return fresh,
            }
        }
    }

    /// At the end every case is read once more, and every receipt code opens its thread.
    pub fn everything_again(&mut self, server: &Server, token: &str) {
        let cases: Vec<(&String, &usize)> = self.cases.iter().collect();
        let gone = side_by_side(server, &cases, |client, (case, before)| {
            let mut staff = client.with("authorization", &format!("Bearer {token}"));
            let now = size(&staff.get(&format!("/api/v1/cases/{case}")).unwrap().json());
            (now < **before).then(|| format!("case {case} had {before} and has {now}"))
        });
        let unopened = side_by_side(server, &self.receipts, |client, receipt| {
            thread(client, receipt).is_none().then(|| receipt.clone())
        });
        self.lost.extend(gone.into_iter().chain(unopened).flatten());
    }
}

/// Does something with each item, eight at once, each on a connection of its own; the answers in the same order.
fn side_by_side<T: Sync, R: Send>(
    server: &Server,
    items: &[T],
    look: impl Fn(Client, &T) -> R + Sync,
) -> Vec<R> {
    let each = items.len().div_ceil(8).max(1);
    let look = &look;
    std::thread::scope(|scope| {
        let readers: Vec<_> = items
            .chunks(each)
            .map(|items| {
                scope.spawn(move || -> Vec<R> {
                    items
                        .iter()
                        .map(|item| look(server.client(), item))
                        .collect()
                })
            })
            .collect();
        readers
            .into_iter()
            .flat_map(|reader| reader.join().unwrap())
            .collect()
    })
}

/// Opens a case and looks whether it is whole: every file that its report names is there, with the content that was
/// sent. Gives the case and what is missing.
fn whole(mut staff: Client, case: &str) -> (Value, Vec<String>) {
    let answer = staff.get(&format!("/api/v1/cases/{case}")).unwrap();
    if answer.status != 200 {
        let half = format!("case {case}: {} {}", answer.status, answer.text());
        return (Value::Null, vec![half]);
    }
    let (file, mut halves) = (answer.json(), Vec::new());
    let description = file["case"]["reports"][0]["form"]["description"].as_str();
    let lines = description.unwrap_or_default().lines();
    let mut named: HashSet<String> = lines.skip(1).map(str::to_owned).collect();
    for attachment in file["attachments"].as_array().unwrap() {
        let id = attachment["id"].as_str().unwrap();
        let told = attachment["sha256"].as_str().unwrap();
        let path = format!("/api/v1/cases/{case}/attachments/{id}");
        let content = staff.get(&path).unwrap();
        if content.status != 200 || sha256(&content.body) != told {
            let status = content.status;
            halves.push(format!(
                "case {case}: the file {attachment} answers {status}"
            ));
        }
        named.remove(&format!("{} {told}", attachment["name"].as_str().unwrap()));
    }
    if description.is_none() || !named.is_empty() {
        halves.push(format!("case {case}: without {named:?}"));
    }
    (file, halves)
}

/// How much a case holds.
fn size(file: &Value) -> usize {
    let count = |value: &Value| value.as_array().map_or(0, Vec::len);
    count(&file["messages"]) + count(&file["attachments"]) + count(&file["case"]["timeline"])
}

/// The thread behind a receipt code.
fn thread(mut client: Client, receipt: &str) -> Option<Value> {
    let authorization = format!("Receipt {receipt}");
    let headers = [("authorization", authorization.as_str())];
    let answer = client
        .send("GET", "/api/v1/reports/thread", &headers, &[])
        .unwrap();
    (answer.status == 200).then(|| answer.json())
}

fn is_there(
    entry: &Entry,
    files: &HashMap<String, Value>,
    case_of: &HashMap<String, String>,
    threads: &HashMap<&String, Option<Value>>,
) -> bool {
    let thread = |receipt| threads.get(receipt).and_then(Option::as_ref);
    let hash_of = |message: &Value| sha256(message["body"].as_str().unwrap_or_default().as_bytes());
    // Once, and not twice.
    let once = |values: &Value, is: &dyn Fn(&Value) -> bool| {
        let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
        values.iter().filter(|value| is(value)).count() == 1
    };
    match entry {
        Entry::Report {
            reference,
            receipt,
            description,
        } => {
            let file = case_of.get(reference).and_then(|case| files.get(case));
            thread(receipt).is_some_and(|thread| thread["reference"] == json!(reference))
                && file.is_some_and(|file| {
                    file["case"]["reports"][0]["form"]["description"] == json!(description)
                })
        }
        Entry::Message { receipt, hash } => thread(receipt)
            .is_some_and(|thread| once(&thread["messages"], &|m| hash_of(m) == *hash)),
        Entry::Case { case } => files.get(case).is_some_and(|file| !file.is_null()),
        Entry::Comment { case, hash } => files
            .get(case)
            .is_some_and(|file| once(&file["messages"], &|m| hash_of(m) == *hash)),
        Entry::Decision { case, reason } => files
            .get(case)
            .is_some_and(|file| once(&file["case"]["timeline"], &|t| t["reason"] == json!(reason))),
        Entry::File { case, name, hash } => files.get(case).is_some_and(|file| {
            let is = |a: &Value| a["name"] == json!(name) && a["sha256"] == json!(hash);
            once(&file["attachments"], &is)
        }),
    }
}
