//! Tariffs: check, request, set (V1.6 chapters 6 and 9).

use crate::declare::{fields, messages};
use crate::wire::{Percent, YuanPerKwh};
use crate::ykc::code::{Outcome, VerifyResult};
use crate::ykc::field::{ConnectorNumber, PileCode, TariffId, TariffSlots};

fields! {
    /// What piles of V1.7 append to 0x09, by one source.
    TariffRequestV17 {
        connector_number: ConnectorNumber = "枪号" / "connector number",
        tariff_id: TariffId = "计费模型编号" / "tariff number",
    }
}

messages! {
    /// After login, repeated until answered; 0000 when the pile has no tariff yet.
    TariffVerifyRequest 0x05 up, 9 bytes, "计费模型验证请求" / "tariff check",
    about "登录后发送，收到应答前一直重发；桩内没有计费模型时编号为 0000。" {
        pile_code: PileCode = "桩编号" / "pile code",
        tariff_id: TariffId = "计费模型编号" / "tariff number",
    }

    /// Says whether the pile may keep the tariff it has.
    TariffVerifyResponse 0x06 down reply_to 0x05, 10 bytes, "计费模型验证请求应答" / "tariff check answer",
    about "告知桩现有的计费模型是否可以继续用。" {
        pile_code: PileCode = "桩编号" / "pile code",
        tariff_id: TariffId = "计费模型编号" / "tariff number",
        verify_result: VerifyResult = "验证结果" / "verify result",
    }

    /// When 0x06 said "differs"; repeated until answered, no charging before.
    TariffRequest 0x09 up, 7 bytes, "充电桩计费模型请求" / "tariff request",
    about "0x06 答复“不一致”后发送，收到应答前一直重发，期间不能充电。" {
        pile_code: PileCode = "桩编号" / "pile code",
        [extend connector: TariffRequestV17, 3 bytes]
    }

    /// Carries the whole tariff of one connector (V1.7, from one source).
    TariffResponseV17 0x0A down reply_to 0x09, 91 bytes,
    when "91 字节：带枪号（V1.7）" / "91 bytes: names a connector (V1.7)"
        (|length, _dialect| length == 91),
    "计费模型请求应答(V1.7)" / "tariff answer of V1.7",
    about "下发单枪的完整计费模型（V1.7，仅见一处资料）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        tariff_id: TariffId = "计费模型编号" / "tariff number",
        sharp_energy_rate: YuanPerKwh<5> = "尖电费费率" / "sharp energy rate",
        sharp_service_rate: YuanPerKwh<5> = "尖服务费费率" / "sharp service rate",
        peak_energy_rate: YuanPerKwh<5> = "峰电费费率" / "peak energy rate",
        peak_service_rate: YuanPerKwh<5> = "峰服务费费率" / "peak service rate",
        flat_energy_rate: YuanPerKwh<5> = "平电费费率" / "flat energy rate",
        flat_service_rate: YuanPerKwh<5> = "平服务费费率" / "flat service rate",
        valley_energy_rate: YuanPerKwh<5> = "谷电费费率" / "valley energy rate",
        valley_service_rate: YuanPerKwh<5> = "谷服务费费率" / "valley service rate",
        loss_ratio: Percent = "计损比例" / "loss ratio",
        slots: TariffSlots = "时段费率号" / "tier of each half hour",
    }

    /// Carries the whole tariff.
    TariffResponse 0x0A down reply_to 0x09, 90 bytes, "计费模型请求应答" / "tariff answer",
    about "下发完整的计费模型。" {
        pile_code: PileCode = "桩编号" / "pile code",
        tariff_id: TariffId = "计费模型编号" / "tariff number",
        sharp_energy_rate: YuanPerKwh<5> = "尖电费费率" / "sharp energy rate",
        sharp_service_rate: YuanPerKwh<5> = "尖服务费费率" / "sharp service rate",
        peak_energy_rate: YuanPerKwh<5> = "峰电费费率" / "peak energy rate",
        peak_service_rate: YuanPerKwh<5> = "峰服务费费率" / "peak service rate",
        flat_energy_rate: YuanPerKwh<5> = "平电费费率" / "flat energy rate",
        flat_service_rate: YuanPerKwh<5> = "平服务费费率" / "flat service rate",
        valley_energy_rate: YuanPerKwh<5> = "谷电费费率" / "valley energy rate",
        valley_service_rate: YuanPerKwh<5> = "谷服务费费率" / "valley service rate",
        loss_ratio: Percent = "计损比例" / "loss ratio",
        slots: TariffSlots = "时段费率号" / "tier of each half hour",
    }

    /// Answers 0x58.
    TariffSetResponse 0x57 up reply_to 0x58, 8 bytes, "计费模型应答" / "tariff set answer",
    about "对 0x58 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        set_result: Outcome = "设置结果" / "set result",
    }

    /// Sets the tariff of an idle pile.
    TariffSetRequest 0x58 down, 90 bytes, "计费模型设置" / "tariff set",
    about "向空闲的桩下发计费模型。" {
        pile_code: PileCode = "桩编号" / "pile code",
        tariff_id: TariffId = "计费模型编号" / "tariff number",
        sharp_energy_rate: YuanPerKwh<5> = "尖电费费率" / "sharp energy rate",
        sharp_service_rate: YuanPerKwh<5> = "尖服务费费率" / "sharp service rate",
        peak_energy_rate: YuanPerKwh<5> = "峰电费费率" / "peak energy rate",
        peak_service_rate: YuanPerKwh<5> = "峰服务费费率" / "peak service rate",
        flat_energy_rate: YuanPerKwh<5> = "平电费费率" / "flat energy rate",
        flat_service_rate: YuanPerKwh<5> = "平服务费费率" / "flat service rate",
        valley_energy_rate: YuanPerKwh<5> = "谷电费费率" / "valley energy rate",
        valley_service_rate: YuanPerKwh<5> = "谷服务费费率" / "valley service rate",
        loss_ratio: Percent = "计损比例" / "loss ratio",
        slots: TariffSlots = "时段费率号" / "tier of each half hour",
    }
}
