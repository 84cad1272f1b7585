//! The access matrix, as one table that a person can read: who may do what with which resource.
//! A change of `access::may` shows here as a changed line.
#![expect(clippy::panic, reason = "tests")]

use entente_domain::access::{Action, Resource, Role, SystemViewer, Viewer, may};
use entente_domain::ids::{ReportId, UserId};
use uuid::Uuid;

const ME: UserId = UserId(Uuid::from_u128(1));
const OWN: ReportId = ReportId(Uuid::from_u128(2));
const OTHER: ReportId = ReportId(Uuid::from_u128(3));
const MINE: &[UserId] = &[ME];

/// The columns: open case, restricted case, identity in an open and in a restricted case; each
/// as a stranger and as a member; the thread of one's own and of another report; the registers.
fn columns() -> Vec<Resource<'static>> {
    let mut all = Vec::new();
    for restricted in [false, true] {
        for members in [&[][..], MINE] {
            all.push(Resource::Case {
                restricted,
                members,
            });
        }
    }
    for restricted in [false, true] {
        for members in [&[][..], MINE] {
            all.push(Resource::Identity {
                restricted,
                members,
            });
        }
    }
    all.extend([
        Resource::ReportThread(OWN),
        Resource::ReportThread(OTHER),
        Resource::Products,
        Resource::Policies,
        Resource::Accounts,
        Resource::Journal,
        Resource::Figures,
    ]);
    all
}

fn rows() -> Vec<(String, Viewer)> {
    let staff = |role: &Role| {
        let viewer = Viewer::Staff {
            user: ME,
            roles: vec![*role],
        };
        (role.to_string(), viewer)
    };
    let mut rows: Vec<_> = Role::ALL.iter().map(staff).collect();
    let nobody = Viewer::Staff {
        user: ME,
        roles: Vec::new(),
    };
    rows.push(("no role".into(), nobody));
    rows.push(("reporter".into(), Viewer::Reporter { report: OWN }));
    rows.push(("public".into(), Viewer::Public));
    for name in SystemViewer::ALL {
        rows.push((format!("sys {name}"), Viewer::System(*name)));
    }
    rows
}

fn cell(viewer: &Viewer, resource: Resource<'_>) -> String {
    let letter = |action, letter| {
        if may(viewer, action, resource) {
            letter
        } else {
            '-'
        }
    };
    [
        letter(Action::Read, 'r'),
        letter(Action::Write, 'w'),
        letter(Action::Approve, 'a'),
    ]
    .iter()
    .collect()
}

/// r = read, w = write, a = approve. "+" marks the columns in which the viewer is a member.
const TABLE: &str = "
                  open    restr.  id open id restr thread  prod pol acc jou fig
                  .   +   .   +   .   +   .   +   own oth dct icy cou rnl ure
lead              rwa rwa --- rwa rwa rwa --- rwa --- --- rwa rwa r-a r-- r--
analyst           rwa rwa --- rwa rwa rwa --- rwa --- --- rwa r-- --- --- r--
product_contact   --- rw- --- rw- --- --- --- --- --- --- r-- r-- --- --- ---
legal             --- rwa --- rwa --- --- --- --- --- --- r-- rwa --- --- ---
public_relations  --- rw- --- rw- --- --- --- --- --- --- r-- r-- --- --- ---
support           --- rw- --- rw- --- --- --- --- --- --- r-- r-- --- --- ---
auditor           --- r-- --- r-- --- --- --- --- --- --- r-- r-- --- r-- r--
administrator     --- rw- --- rw- --- --- --- --- --- --- rwa r-- rwa --- ---
no role           --- rw- --- rw- --- --- --- --- --- --- r-- r-- --- --- ---
reporter          --- --- --- --- --- --- --- --- rwa --- --- --- --- --- ---
public            --- --- --- --- --- --- --- --- --- --- --- --- --- --- ---
sys mailer        r-- r-- r-- r-- r-- r-- r-- r-- rwa rwa r-- r-- --- --- ---
sys clock_keeper  r-- r-- r-- r-- --- --- --- --- rwa rwa r-- r-- --- --- ---
sys intake        r-- r-- r-- r-- --- --- --- --- rwa rwa r-- r-- --- --- ---
sys ledger        r-- r-- r-- r-- --- --- --- --- rwa rwa r-- r-- --- r-- ---
sys publisher     r-- r-- r-- r-- --- --- --- --- rwa rwa r-- r-- --- --- ---
sys importer      r-- r-- r-- r-- --- --- --- --- rwa rwa rw- r-- --- --- ---
sys operator      r-- r-- r-- r-- --- --- --- --- rwa rwa rw- r-- rwa r-- ---
";

#[test]
fn the_access_matrix() {
    let mut found = String::new();
    for (name, viewer) in rows() {
        let cells: Vec<String> = columns().iter().map(|c| cell(&viewer, *c)).collect();
        found.push_str(&format!("{name:<16}  {}\n", cells.join(" ")));
    }
    let was: Vec<&str> = TABLE.trim_matches('\n').lines().skip(2).collect();
    if found.lines().collect::<Vec<_>>() != was {
        panic!("The matrix changed. It is now:\n{found}\nand was:\n{TABLE}");
    }
}

/// Two roles in one person give what each gives alone, and nothing less.
#[test]
fn a_second_role_takes_nothing_away() {
    for a in Role::ALL {
        for b in Role::ALL {
            let staff = |roles: &[Role]| Viewer::Staff {
                user: ME,
                roles: roles.to_vec(),
            };
            let both = staff(&[*a, *b]);
            for resource in columns() {
                for action in [Action::Read, Action::Write, Action::Approve] {
                    let alone = may(&staff(&[*a]), action, resource);
                    let auditor = *b == Role::Auditor && action == Action::Write;
                    assert!(
                        !alone || auditor || may(&both, action, resource),
                        "{a} with {b} lost {action:?} on {resource:?}"
                    );
                }
            }
        }
    }
}
