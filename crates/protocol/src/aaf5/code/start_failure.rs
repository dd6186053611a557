//! Why a pile did not start a charge (8, 110, 210; V5.2B appendix 3); 100001 and more come from AC piles.

use crate::wire::code_numbers;

code_numbers! {
    /// Reason why a charge did not start; 0 where it did, or where the pile accepts the request.
    StartFailure: u32 {
        0 None "成功" / "none",
        1 GunNotPlugged "CC1未连接" / "gun not plugged in",
        2 InsulationTestTimeout "绝缘检测超时" / "insulation test timeout",
        3 InsulationTestAbnormal "绝缘检测异常" / "insulation test abnormal",
        4 PileOutService "充电机暂停服务" / "pile out of service",
        5 SystemFault "充电机系统故障,不能充电" / "system fault",
        6 AuxiliarySupplyMismatch "辅电不匹配" / "auxiliary supply mismatch",
        7 AuxiliarySupplyFailed "辅电开启失败" / "auxiliary supply failed",
        9 StartTimeout "充电启动超时" / "start timeout",
        10 BmsHandshakeFailed "BMS通信握手失败" / "BMS handshake failed",
        11 BmsConfigurationFailed "BMS通信配置失败" / "BMS configuration failed",
        12 BmsParametersAbnormal "BMS参数异常" / "BMS parameters abnormal",
        13 AlreadyCharging "桩正在充电中，不能再启动" / "already charging",
        14 LocalMode "本地模式，不能启动充电" / "local mode",
        15 UnknownStartError "启动未知错误" / "unknown start error",
        16 ReservedByAnotherUser "桩已预约，启动失败" / "reserved by another user",
        17 NoSuchGun "预约枪口号不存在的" / "no such gun",
        18 ReservationAnotherAccount "预约账户不一致" / "reservation of another account",
        19 Reserved "保留" / "reserved",
        20 BadStartMode "参数错误1" / "bad start mode",
        21 BadChargeStrategyArgument "参数错误2" / "bad charge strategy argument",
        30 OtherFailure "其他未定义失败" / "other failure",
        80 DeviceUnavailable "设备不可用" / "device unavailable (tariff, clock or internal)",
        96 NotAllowed "不允许充电操作" / "charging not allowed (auxiliary gun of a parallel charge)",
        100001 SystemFaultAc "充电机系统故障" / "system fault (AC)",
        100002 VehicleNotReadyTime "车辆准备就绪超时" / "vehicle not ready in time",
        100003 AlreadyChargingAc "桩正在充电中，不能再启动" / "already charging (AC)",
        100004 LocalModeAc "本地模式，不能启动充电" / "local mode (AC)",
        100005 WrongGun "枪口号不对" / "wrong gun",
    }
}
