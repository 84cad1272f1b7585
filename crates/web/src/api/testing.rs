//! An instance in a temporary folder with a clock that stands still and seeded randomness, for
//! the tests of portal and API.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use entente_domain::access::{Role, Viewer};
use entente_domain::time::{SECOND_US, Timestamp};
use entente_service::accounts::{self, Scope};
use entente_service::clock::TestClock;
use entente_service::config::{Config, Limits, Organisation};
use entente_service::{App, mail};
use entente_store::{Db, Keyring, Location, OpenOptions, Random};
use http_body_util::BodyExt;
use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;
use std::error::Error;
use std::sync::Arc;
use tower::ServiceExt;

/// What a test answers.
pub type Tested = Result<(), Box<dyn Error>>;

/// An instance.
pub struct Instance {
    /// The application.
    pub app: App,
    /// Its clock.
    pub clock: Arc<TestClock>,
    _folder: tempfile::TempDir,
}

impl Instance {
    /// A fresh one.
    pub async fn fresh() -> Result<Self, Box<dyn Error>> {
        Self::with(Limits::default()).await
    }

    /// A fresh one with these limits.
    pub async fn with(limits: Limits) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let random = Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(7));
        let db = Db::open(OpenOptions {
            location: Location::Sqlite(folder.path().join("entente.db")),
            data_dir: folder.path().join("data"),
            keys: Keyring::from_instance_key([7; 32]),
            random,
            readers: 2,
            read_only: false,
        })
        .await?;
        let config = Config {
            base_url: "https://psirt.example".to_owned(),
            organisation: Organisation {
                name: "Example".to_owned(),
                namespace: "https://example.org".to_owned(),
                contact: "psirt@example.org".to_owned(),
                advisory_prefix: "EX".to_owned(),
                language: "en".to_owned(),
            },
            mail_from: "psirt@example.org".to_owned(),
            demo: false,
            limits,
        };
        let clock = Arc::new(TestClock::at(Timestamp(1_794_820_320 * SECOND_US)));
        let mail = Arc::new(mail::FolderTransport::new(folder.path().join("mail"))?);
        let app = App::open(config, db, clock.clone(), mail)?;
        Ok(Self {
            app,
            clock,
            _folder: folder,
        })
    }

    /// A token of a fresh account.
    pub async fn token(
        &self,
        name: &str,
        roles: &[Role],
        scopes: &[Scope],
    ) -> Result<String, Box<dyn Error>> {
        let mail = format!("{name}@example.org");
        let user = accounts::create(
            &self.app,
            name,
            &mail,
            "correct horse battery staple 7",
            roles,
            false,
        )
        .await?;
        let viewer = Viewer::Staff {
            user,
            roles: roles.to_vec(),
        };
        Ok(accounts::create_token(&self.app, &viewer, "test", scopes, 30).await?)
    }

    /// Portal and API.
    pub fn router(&self) -> Router {
        crate::portal::router()
            .merge(super::router(&self.app))
            .with_state(self.app.clone())
    }

    /// Asks.
    pub async fn ask(&self, request: Request<Body>) -> Result<Answered, Box<dyn Error>> {
        let response: Response<Body> = self.router().oneshot(request).await?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await?.to_bytes();
        Ok(Answered {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    /// Asks the API.
    pub async fn api(
        &self,
        method: &str,
        path: &str,
        authorization: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answered, Box<dyn Error>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", super::BASE));
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let body = match body {
            Some(value) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        self.ask(request.body(body)?).await
    }
}

/// An answer.
pub struct Answered {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub text: String,
}

impl Answered {
    /// Its body as JSON.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_str(&self.text)
    }
}
