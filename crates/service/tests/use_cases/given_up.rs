//! Files that came twice do not stay on the disk twice.

use crate::support::{CLIENT, World};
use entente_domain::access::Viewer;
use entente_domain::command::ReportForm;
use entente_domain::kinds::{Channel, Source};
use entente_service::reports::{self, Identity, Submission, Submitted};
use entente_service::{ServiceError, attachments};

impl World {
    async fn submit_with_file(
        &self,
        description: &str,
        key: Option<&str>,
    ) -> Result<Submitted, ServiceError> {
        let mut staging = attachments::begin(&self.app, "a.bin").unwrap();
        staging.push(&[7; 5_000]).unwrap();
        let submission = Submission {
            form: ReportForm {
                product: "Router 7".to_owned(),
                description: description.to_owned(),
                ..ReportForm::default()
            },
            identity: Identity::default(),
            source: Source::External,
            channel: Channel::Form,
            attachments: vec![staging.finish().unwrap()],
            client: Some(CLIENT),
            ticket: None,
            idempotency_key: key.map(str::to_owned),
        };
        assert!(self.files() > 0);
        reports::submit(&self.app, &Viewer::Public, submission).await
    }

    fn files(&self) -> usize {
        let folder = self.folder.path().join("attachments");
        std::fs::read_dir(folder).unwrap().count()
    }
}

#[tokio::test]
async fn the_files_of_a_repetition_are_removed_and_those_of_the_first_stay() {
    let world = World::new().await;
    let key = Some("a key that nobody guesses");
    let first = world.submit_with_file("It reboots.", key).await.unwrap();
    let again = world.submit_with_file("It reboots.", key).await.unwrap();
    assert_eq!(first.reference, again.reference);
    assert_eq!(world.files(), 1);
}
