//! What every page needs and seldom changes: the names of people and products, the policy in
//! force. Kept in memory with the generation of the register that it was read from, so that a
//! change, also one by another replica, is seen by the next request.
//!
//! A writing transaction uses what is kept and keeps nothing: what it reads may be rolled back.

use crate::cases::Person;
use crate::inventory::{Coverage, Directory, Users};
use crate::products::Product;
use crate::watch::{Findings, Signals};
use crate::{App, Fault, accounts, inventory, policies, products, watch};
use entente_domain::policy::InForce;
use entente_store::{Tx, counters};
use std::sync::{Arc, Mutex};

/// One thing with the generation that it was read at.
type Kept<T> = Mutex<Option<(i64, Arc<T>)>>;

/// What an application keeps.
#[derive(Default)]
pub(crate) struct Known {
    people: Kept<Vec<Person>>,
    products: Kept<Vec<Product>>,
    policy: Kept<InForce>,
    inventory: Kept<Directory>,
    users: Kept<Users>,
    coverage: Kept<Coverage>,
    findings: Kept<Findings>,
    signals: Kept<Signals>,
}

/// The generations that one transaction sees: ask once for all of them.
pub(crate) struct Generations {
    accounts: i64,
    registers: i64,
    inventory: i64,
    watch: i64,
    signals: i64,
}

/// Reads the generations; one statement.
pub(crate) fn generations(tx: &mut Tx<'_>) -> Result<Generations, Fault> {
    let [accounts, registers, inventory, watch, signals] = counters::generations(tx)?;
    Ok(Generations {
        accounts,
        registers,
        inventory,
        watch,
        signals,
    })
}

impl Generations {
    /// Active staff.
    pub(crate) fn people(&self, app: &App, tx: &mut Tx<'_>) -> Result<Arc<Vec<Person>>, Fault> {
        keep(
            tx,
            &app.known().people,
            self.accounts,
            accounts::active_people,
        )
    }

    /// Products, by name.
    pub(crate) fn products(&self, app: &App, tx: &mut Tx<'_>) -> Result<Arc<Vec<Product>>, Fault> {
        keep(tx, &app.known().products, self.registers, products::read)
    }

    /// The documents of the inventory.
    pub(crate) fn inventory(&self, app: &App, tx: &mut Tx<'_>) -> Result<Arc<Directory>, Fault> {
        keep(
            tx,
            &app.known().inventory,
            self.inventory,
            inventory::directory,
        )
    }

    /// Which versions of products have a document. It follows from products and documents; both
    /// generations only grow, so that their sum changes with either.
    pub(crate) fn coverage(&self, app: &App, tx: &mut Tx<'_>) -> Result<Arc<Coverage>, Fault> {
        let generation = self.registers + self.inventory;
        keep(tx, &app.known().coverage, generation, |tx| {
            let (products, documents) = (self.products(app, tx)?, self.inventory(app, tx)?);
            Ok(Coverage::of(&products, &documents))
        })
    }

    /// Who uses which product.
    pub(crate) fn users(&self, app: &App, tx: &mut Tx<'_>) -> Result<Arc<Users>, Fault> {
        keep(tx, &app.known().users, self.inventory, inventory::everybody)
    }

    /// What the world says of our products.
    pub(crate) fn findings(&self, app: &App, tx: &mut Tx<'_>) -> Result<Arc<Findings>, Fault> {
        keep(tx, &app.known().findings, self.watch, watch::everything)
    }

    /// What is exploited, by the newest lists.
    pub(crate) fn signals(&self, app: &App, tx: &mut Tx<'_>) -> Result<Arc<Signals>, Fault> {
        keep(
            tx,
            &app.known().signals,
            self.signals,
            watch::newest_signals,
        )
    }

    /// The policy in force.
    pub(crate) fn policy(&self, app: &App, tx: &mut Tx<'_>) -> Result<Arc<InForce>, Fault> {
        keep(
            tx,
            &app.known().policy,
            self.registers,
            policies::load_in_force,
        )
    }
}

fn keep<T>(
    tx: &mut Tx<'_>,
    kept: &Kept<T>,
    generation: i64,
    read: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>,
) -> Result<Arc<T>, Fault> {
    if let Ok(kept) = kept.lock()
        && let Some((at, value)) = kept.as_ref()
        && *at == generation
    {
        return Ok(Arc::clone(value));
    }
    let value = Arc::new(read(tx)?);
    if !tx.is_writing()
        && let Ok(mut kept) = kept.lock()
    {
        *kept = Some((generation, Arc::clone(&value)));
    }
    Ok(value)
}
