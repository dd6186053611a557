//! The car at a connector (beyond V1.6).

use super::vin_order::NATURAL;
use crate::declare::messages;
use crate::wire::{Percent, Vin};
use crate::ykc::field::{ConnectorNumber, PileCode};

messages! {
    /// VIN of a car that was plugged in, and when asked by 0x73; every 3 s, up to 4 times, until 0x72. Natural order
    /// (易联 1.8.4).
    VehicleReport 0x71 up reply_to 0x73, 26 bytes, "车辆VIN上报" / "vehicle report",
    about "插枪后上送车辆 VIN，也用于应答 0x73；收到 0x72 前每 3 秒一次，最多 4 次。VIN 为正序（易联 1.8.4）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        soc: Percent = "SOC" / "SOC",
        vin: Vin<NATURAL> = "VIN码" / "VIN",
    }

    /// Confirms 0x71.
    VehicleReportConfirm 0x72 down reply_to 0x71, 8 bytes, "车辆VIN上报应答" / "vehicle report answer",
    about "对 0x71 的确认。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
    }

    /// Asks for 0x71.
    VehicleQuery 0x73 down, 8 bytes, "车辆VIN查询" / "vehicle query",
    about "要求桩上送 0x71。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
    }
}
