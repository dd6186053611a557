//! Looks for charges whose pile is connected and says nothing of them. Steady reports of a charge never reach the
//! business, so it cannot notice by itself that they have ceased.

use std::sync::Arc;
use std::time::Duration;

use voltapile_platform::business::{Business, BusinessError, NewCommand};
use voltapile_platform::command::CommandAction;
use voltapile_platform::identity::{ConnectorNumber, PileCode};

use super::Core;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Reports of a charging connector that may be missing in a row before something is wrong: 120 s of them in V1.6.
const REPORTS_MISSING: u32 = 8;

/// Looks for silent charges, for as long as the server runs.
pub(super) async fn run(core: Arc<Core>) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        for (pile, connector) in silent(&core) {
            tracing::warn!(%pile, %connector, "a charging connector has ceased to report");
            let told = core.business(move |business| ask(business, pile, connector)).await;
            if let Err(error) = told {
                tracing::error!(%pile, %connector, %error, "a silent charge could not be dealt with");
            }
        }
    }
}

fn silent(core: &Core) -> Vec<(PileCode, ConnectorNumber)> {
    let now = core.clock.now();
    let mut silent = Vec::new();
    core.registry.each(|pile| {
        if core.is_online(pile) {
            silent.extend(pile.take_silent(now, REPORTS_MISSING).into_iter().map(|connector| (pile.code, connector)));
        }
    });
    silent
}

/// Asks the connector to speak, and counts it as away until it does.
fn ask(business: &mut Business<'_>, pile: PileCode, connector: ConnectorNumber) -> Result<(), BusinessError> {
    business.connector_silent(pile, connector)?;
    let new = NewCommand::of_platform(pile, CommandAction::ReadTelemetry { connector });
    match business.queue_command(new) {
        Ok(_) | Err(BusinessError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
