//! The rows of cases: what lists, clocks and joins need, projected with every change.
//!
//! Every read takes a [`Viewer`] and is scoped by it in SQL; after opening, the row is asked once
//! more, because membership also stands inside the authenticated body.

use crate::args;
use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::journal;
use crate::postings::{self, Token};
use crate::seal;
use crate::select::{Select, parse_cursor, visible};
use entente_domain::access::{Action, Resource, SystemViewer, Viewer, may};
use entente_domain::clock::Clock;
use entente_domain::ids::{CaseId, UserId};
use entente_domain::kinds::{Priority, Source, Stage};
use entente_domain::summary::CaseSummary;
use entente_domain::time::Timestamp;

/// Rows on one page at most.
pub const LONGEST_PAGE: u32 = 100;
/// Cases of one who sees by membership that a search goes through, the newest.
const MOST_OWN: u32 = 10_000;

/// A page of a list.
#[derive(Clone, PartialEq, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// The order of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sort {
    /// Most urgent first.
    #[default]
    Due,
    /// Last changed first.
    Updated,
}

/// What a list is narrowed to.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CaseFilter {
    /// Open or closed ones.
    pub open: Option<bool>,
    /// One stage.
    pub stage: Option<Stage>,
    /// One priority.
    pub priority: Option<Priority>,
    /// One source.
    pub source: Option<Source>,
    /// One owner.
    pub owner: Option<UserId>,
    /// The order.
    pub sort: Sort,
    /// Where to begin.
    pub cursor: Option<String>,
    /// How many rows, at most [`LONGEST_PAGE`].
    pub limit: u32,
}

crate::statements! {
    SAVE = "INSERT INTO cases (id, number, version, stage, is_open, priority, source, owner, restricted, next_step, next_due, opened_at, updated_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (id) DO UPDATE SET number = excluded.number, version = excluded.version, stage = excluded.stage, is_open = excluded.is_open, priority = excluded.priority, source = excluded.source, owner = excluded.owner, restricted = excluded.restricted, next_step = excluded.next_step, next_due = excluded.next_due, opened_at = excluded.opened_at, updated_at = excluded.updated_at, body = excluded.body";
    FORGET_MEMBERS = "DELETE FROM case_members WHERE case_id = $1";
    ADD_MEMBER = "INSERT INTO case_members (account, case_id) VALUES ($1, $2)";
    FORGET_CLOCKS = "DELETE FROM clocks WHERE case_id = $1";
    ADD_CLOCK = "INSERT INTO clocks (case_id, n, due_at, ours, paused, kind, alarmed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    OLD_CLOCKS = "SELECT kind, due_at, alarmed_at FROM clocks WHERE case_id = $1 AND alarmed_at IS NOT NULL";
    NUMBER = "SELECT number FROM cases WHERE id = $1";
    ALARMED = "UPDATE clocks SET alarmed_at = $3 WHERE case_id = $1 AND n = $2";
    MEMBERS = "SELECT account FROM case_members WHERE case_id = $1";
    CLOCKS = "SELECT n, due_at, ours, paused, kind FROM clocks WHERE case_id = $1 ORDER BY n";
    DUE_CLOCKS = "SELECT case_id, n, kind, due_at FROM clocks WHERE due_at <= $1 AND (ours = 1 OR kind = 'stability_watch') AND paused = 0 AND alarmed_at IS NULL ORDER BY due_at, case_id, n LIMIT $2";
}

/// Columns of a case with its wrapped key.
const COLUMNS: &str = "c.id, c.number, c.version, c.stage, c.is_open, c.priority, c.source, c.owner, c.restricted, c.next_step, c.next_due, c.opened_at, c.updated_at, c.body, s.wrapped_key";

fn clear(s: &CaseSummary) -> [Val; 13] {
    [
        s.id.into(),
        s.number.into(),
        s.version.into(),
        s.stage.as_str().into(),
        (s.stage != Stage::Closed).into(),
        s.priority.as_str().into(),
        s.source.as_str().into(),
        s.owner.into(),
        s.restricted.into(),
        s.next_step.as_str().into(),
        s.next_due.map_or(i64::MAX, |t| t.0).into(),
        s.opened_at.into(),
        s.updated_at.into(),
    ]
}

/// Saves the row of a case with its members and clocks.
pub fn save(tx: &mut Tx<'_>, s: &CaseSummary) -> Result<(), StoreError> {
    let key = journal::stream_key(tx, s.id.0)?;
    let body = serde_json::to_vec(s).map_err(|e| StoreError::Database(e.to_string()))?;
    let mut values = clear(s).to_vec();
    let sealed = seal::seal_row(&key, "cases", &values, &body, tx.random())?;
    values.push(sealed.into());
    tx.execute(SAVE, &values)?;
    tx.execute(FORGET_MEMBERS, args![s.id])?;
    for member in &s.members {
        tx.execute(ADD_MEMBER, args![*member, s.id])?;
    }
    // An alarm that was raised for a clock is not raised again while its date stands.
    let alarmed: Vec<(String, i64, i64)> = tx
        .all(OLD_CLOCKS, args![s.id])?
        .iter()
        .map(|r| Ok((r.text(0)?.to_owned(), r.int(1)?, r.int(2)?)))
        .collect::<Result<_, StoreError>>()?;
    tx.execute(FORGET_CLOCKS, args![s.id])?;
    for (n, clock) in s.clocks.iter().enumerate() {
        let before = alarmed
            .iter()
            .find(|(kind, due, _)| kind == clock.kind.as_str() && *due == clock.due_at.0)
            .map(|(_, _, at)| *at);
        tx.execute(
            ADD_CLOCK,
            args![
                s.id,
                u64::try_from(n).unwrap_or(0),
                clock.due_at,
                !clock.kind.waits_for_others(),
                clock.paused.is_some(),
                clock.kind.as_str(),
                before
            ],
        )?;
    }
    Ok(())
}

/// Opens a row of [`COLUMNS`]; its clear columns and its body must say the same.
fn opened(tx: &Tx<'_>, row: &Row) -> Result<CaseSummary, StoreError> {
    let id = row.id(0)?;
    let wrapped = row.opt_bytes(14)?.ok_or(StoreError::Erased)?;
    let key = seal::unwrap_key(tx.keys().wrap(), id.as_bytes(), wrapped)?;
    let clear_values = row.values().get(..13).unwrap_or_default();
    let body = seal::open_row(&key, "cases", clear_values, row.bytes(13)?)?;
    serde_json::from_slice(&body).map_err(|e| StoreError::Damaged(format!("a row of cases: {e}")))
}

/// Whether the viewer may read what the authenticated row says.
fn readable(viewer: &Viewer, s: &CaseSummary) -> bool {
    may(
        viewer,
        Action::Read,
        Resource::Case {
            restricted: s.restricted,
            members: &s.members,
        },
    )
}

fn opened_all(tx: &Tx<'_>, viewer: &Viewer, rows: &[Row]) -> Result<Vec<CaseSummary>, StoreError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        match opened(tx, row) {
            Ok(s) if readable(viewer, &s) => found.push(s),
            Ok(_) | Err(StoreError::Erased) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(found)
}

/// One case, if the viewer may see it.
pub fn get(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    id: CaseId,
) -> Result<Option<CaseSummary>, StoreError> {
    let mut q = visible(tx, viewer, COLUMNS, &[])?;
    q.and("c.id = ?", args![id]);
    let rows = q.all(tx)?;
    Ok(opened_all(tx, viewer, &rows)?.into_iter().next())
}

/// The case with a staff number, if the viewer may see it.
pub fn by_number(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    number: i64,
) -> Result<Option<CaseSummary>, StoreError> {
    let mut q = visible(tx, viewer, COLUMNS, &[])?;
    q.and("c.number = ?", args![number]);
    let rows = q.all(tx)?;
    Ok(opened_all(tx, viewer, &rows)?.into_iter().next())
}

/// A page of the cases that the viewer may see: one statement, whatever the size of the table.
pub fn list(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    filter: &CaseFilter,
) -> Result<Page<CaseSummary>, StoreError> {
    let limit = filter.limit.clamp(1, LONGEST_PAGE);
    let rows = list_query(tx, viewer, filter, limit)?.all(tx)?;
    let more = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    let shown = rows
        .get(..rows.len().min(usize::try_from(limit).unwrap_or(0)))
        .unwrap_or(&rows);
    let next = match (more, shown.last()) {
        (true, Some(last)) => {
            let value = match filter.sort {
                Sort::Due => last.int(10)?,
                Sort::Updated => last.int(12)?,
            };
            Some(format!("{value}.{}", last.id(0)?))
        }
        _ => None,
    };
    Ok(Page {
        items: opened_all(tx, viewer, shown)?,
        next,
    })
}

fn list_query(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    filter: &CaseFilter,
    limit: u32,
) -> Result<Select, StoreError> {
    let mut q = visible(tx, viewer, COLUMNS, &[])?;
    if let Some(open) = filter.open {
        q.and("c.is_open = ?", args![open]);
    }
    if let Some(stage) = filter.stage {
        q.and("c.stage = ?", args![stage.as_str()]);
    }
    if let Some(priority) = filter.priority {
        q.and("c.priority = ?", args![priority.as_str()]);
    }
    if let Some(source) = filter.source {
        q.and("c.source = ?", args![source.as_str()]);
    }
    if let Some(owner) = filter.owner {
        q.and("c.owner = ?", args![owner]);
    }
    let cursor = filter.cursor.as_deref().and_then(parse_cursor);
    match filter.sort {
        Sort::Due => {
            if let Some((value, id)) = cursor {
                q.and("(c.next_due, c.id) > (?, ?)", args![value, id]);
            }
            q.push(" ORDER BY c.next_due, c.id LIMIT ?", args![limit + 1]);
        }
        Sort::Updated => {
            if let Some((value, id)) = cursor {
                q.and("(c.updated_at, c.id) < (?, ?)", args![value, id]);
            }
            q.push(
                " ORDER BY c.updated_at DESC, c.id DESC LIMIT ?",
                args![limit + 1],
            );
        }
    }
    Ok(q)
}

/// Erases a case: the key of its content, who reported it, its words in the index. Its number, its
/// entries' hashes and the clear columns stay, so that the chain still verifies.
pub fn erase(tx: &mut Tx<'_>, id: CaseId) -> Result<(), StoreError> {
    journal::erase(tx, id.0)?;
    crate::vault::erase_of_case(tx, id)?;
    tx.execute(FORGET_CLOCKS, args![id])?;
    if let Some(row) = tx.one(NUMBER, args![id])? {
        crate::search::forget(tx, row.int(0)?)?;
    }
    crate::erasures::note(tx, crate::erasures::Erasure::Case(id))
}

/// A clock with the case that it belongs to.
#[derive(Clone, PartialEq, Debug)]
pub struct BoardEntry {
    /// The case.
    pub case: CaseSummary,
    /// The clock.
    pub clock: Clock,
}

/// Running clocks of visible cases in the order of their due instants, one page.
pub fn clock_board(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<BoardEntry>, StoreError> {
    let limit = limit.clamp(1, LONGEST_PAGE);
    let rows = board_query(tx, viewer, cursor, limit)?.all(tx)?;
    let take = usize::try_from(limit).unwrap_or(0);
    let mut items = Vec::new();
    for row in rows.iter().take(take) {
        let case = match opened(tx, row) {
            Ok(case) if readable(viewer, &case) => case,
            Ok(_) | Err(StoreError::Erased) => continue,
            Err(e) => return Err(e),
        };
        let n = usize::try_from(row.int(15)?).unwrap_or(usize::MAX);
        if let Some(clock) = case.clocks.get(n).cloned() {
            items.push(BoardEntry { case, clock });
        }
    }
    let next = match rows.get(take.saturating_sub(1)) {
        Some(last) if rows.len() > take => Some(format!(
            "{}.{}.{}",
            last.int(16)?,
            last.id(0)?,
            last.int(15)?
        )),
        _ => None,
    };
    Ok(Page { items, next })
}

fn board_query(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Select, StoreError> {
    let columns = format!("{COLUMNS}, k.n, k.due_at");
    let mut q = visible(tx, viewer, &columns, &[("clocks k", "k.case_id = c.id")])?;
    // A case may have several clocks that run out together: the place of the last one counts.
    let last = cursor
        .and_then(|c| c.rsplit_once('.'))
        .and_then(|(place, n)| Some((parse_cursor(place)?, n.parse::<i64>().ok()?)));
    if let Some(((value, id), n)) = last {
        q.and(
            "(k.due_at, k.case_id, k.n) > (?, ?, ?)",
            args![value, id, n],
        );
    }
    q.push(
        " ORDER BY k.due_at, k.case_id, k.n LIMIT ?",
        args![limit + 1],
    );
    Ok(q)
}

/// A clock that ran over and has raised no alarm yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DueClock {
    /// The case.
    pub case: CaseId,
    /// Its place among the case's clocks.
    pub n: i64,
    /// What it waits for.
    pub kind: entente_domain::clock::ClockKind,
    /// When it ran out.
    pub due_at: Timestamp,
}

/// Clocks of ours that ran out by `now` and raised no alarm yet, and watches that ended: nobody
/// else would tell of those.
pub fn due_clocks(
    tx: &mut Tx<'_>,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DueClock>, StoreError> {
    tx.as_system(SystemViewer::ClockKeeper, |tx| {
        tx.all(DUE_CLOCKS, args![now, limit])
    })?
    .iter()
    .map(|r| {
        Ok(DueClock {
            case: CaseId(r.id(0)?),
            n: r.int(1)?,
            kind: r.word(2)?,
            due_at: r.time(3)?,
        })
    })
    .collect()
}

/// Notes that the alarm of a clock was raised.
pub fn alarm_raised(tx: &mut Tx<'_>, clock: &DueClock, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(ALARMED, args![clock.case, clock.n, now])?;
    Ok(())
}

/// The visible ones among cases with these numbers, newest first, `limit` of them at most.
pub(crate) fn by_numbers(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    numbers: &[i64],
    limit: usize,
) -> Result<Vec<CaseSummary>, StoreError> {
    let mut found = Vec::new();
    // Most candidates are visible to who may search at all, so that one round does.
    for some in numbers.chunks(limit.saturating_mul(2).clamp(32, 400)) {
        let mut q = visible(tx, viewer, COLUMNS, &[])?;
        q.push(" AND c.number IN (", &[]);
        for (n, number) in some.iter().enumerate() {
            q.push(if n == 0 { "?" } else { ", ?" }, args![*number]);
        }
        q.push(") ORDER BY c.number DESC", &[]);
        let rows = q.all(tx)?;
        found.extend(opened_all(tx, viewer, &rows)?);
        if found.len() >= limit {
            found.truncate(limit);
            break;
        }
    }
    Ok(found)
}

/// The words of one case.
pub(crate) struct CaseWords {
    pub(crate) number: i64,
    fresh: Vec<u8>,
    merged: Vec<u8>,
}

impl CaseWords {
    /// Whether the case has all of these words.
    pub(crate) fn have(&self, tokens: &[Token]) -> bool {
        tokens
            .iter()
            .all(|t| postings::has(&self.fresh, t) || postings::has(&self.merged, t))
    }
}

/// The words of the cases that the viewer sees by membership, newest first.
pub(crate) fn words_of_own(tx: &mut Tx<'_>, viewer: &Viewer) -> Result<Vec<CaseWords>, StoreError> {
    let columns = "c.number, w.fresh, w.merged";
    let words = ("case_words w", "w.case_number = c.number");
    let mut q = visible(tx, viewer, columns, &[words])?;
    q.push(" ORDER BY c.number DESC LIMIT ?", args![MOST_OWN]);
    q.all(tx)?
        .iter()
        .map(|r| {
            Ok(CaseWords {
                number: r.int(0)?,
                fresh: r.bytes(1)?.to_vec(),
                merged: r.bytes(2)?.to_vec(),
            })
        })
        .collect()
}

/// For the verification: whether a row opens, and its members and clocks are those of its body.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    let row = journal::with_wrapped_key(tx, row, row.id(0)?)?;
    let s = match opened(tx, &row) {
        Ok(s) => s,
        Err(StoreError::Erased) => return Ok(()),
        Err(e) => return Err(e),
    };
    let members: std::collections::BTreeSet<uuid::Uuid> = tx
        .all(MEMBERS, args![s.id])?
        .iter()
        .map(|r| r.id(0))
        .collect::<Result<_, _>>()?;
    if members != s.members.iter().map(|m| m.0).collect() {
        return Err(StoreError::Damaged(format!(
            "the members of case {} are not those of its row",
            s.number
        )));
    }
    let clocks = tx.all(CLOCKS, args![s.id])?;
    let same = clocks.len() == s.clocks.len()
        && clocks
            .iter()
            .zip(&s.clocks)
            .enumerate()
            .all(|(n, (row, c))| {
                *row.values()
                    == args![
                        u64::try_from(n).unwrap_or(0),
                        c.due_at,
                        !c.kind.waits_for_others(),
                        c.paused.is_some(),
                        c.kind.as_str()
                    ][..]
            });
    if same {
        Ok(())
    } else {
        Err(StoreError::Damaged(format!(
            "the clocks of case {} are not those of its row",
            s.number
        )))
    }
}

#[cfg(test)]
mod plans;
