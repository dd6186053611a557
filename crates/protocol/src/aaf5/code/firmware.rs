//! Codes of firmware updates and logs.

use crate::wire::codes;

codes! {
    /// What to do with the old program (1001).
    EraseAction: u32 {
        0x0000 Query "查询" / "query",
        0xAA55 Erase "擦除" / "erase",
    }
    /// Whether something was done, in four bytes. Any other number than 0 is a failure.
    Outcome32: u32 {
        0 Succeeded "成功" / "succeeded",
        1 Failed "失败" / "failed",
    }
    /// What the platform says to a pile that wants new firmware (1021).
    UpdateRequestAnswer: u32 {
        0 Accepted "响应成功" / "accepted",
        1 UnknownDevice "设备代号有误" / "unknown device",
        2 UnknownProject "项目代码不存在" / "unknown project",
        3 WrongFileSize "文件大小出错" / "wrong file size",
    }
    /// When something is carried out.
    UpdateMode {
        1 WhenIdle "空闲执行" / "when idle",
        2 AtOnce "立即执行" / "at once",
    }
    /// Which part is updated (1401).
    FirmwareTarget {
        0 MainBoard "主监控板" / "main board",
        1 MainBoardToo "主监控板(同 0)" / "main board (as 0)",
        2 ChargeController "充电控制器CCU" / "charge controller (CCU)",
        3 DcDcModule "DCDC模块" / "DC/DC module",
        4 AcDcModule "ACDC模块" / "AC/DC module",
        5 GroupController "群充控制器" / "group charging controller",
        6 SplitCabinetController "分体机主机控制器" / "controller of a split cabinet",
        7 AcPileStm32 "V6交流桩(STM32)" / "V6 AC pile (STM32)",
        8 AcPileGd "V6交流桩(GD)" / "V6 AC pile (GD)",
    }
    /// What a pile says to 1401.
    UpdateAnswer {
        1 Accepted "收到，开始连接" / "accepted, connecting",
        2 SameVersion "版本号一致，不执行下载" / "same version, nothing to do",
        3 WhenIdle "充电中，空闲时执行下载" / "charging, will download when idle",
        4 Failed "其他原因，执行失败" / "failed for another reason",
    }
    /// How far a download has come (1403).
    UpdateProgress {
        1 ConnectionFailed "FTP地址连接失败" / "connection to the FTP server failed",
        2 LoginFailed "FTP服务登录失败" / "login at the FTP server failed",
        3 NoPermission "目录无权限" / "no permission in the directory",
        4 DownloadFailed "下载失败" / "download failed",
        5 HalfDone "下载50%" / "half of it is downloaded",
        6 Downloaded "下载完成，进入升级模式" / "downloaded, updating",
    }
    /// Which logs (1406).
    LogKind {
        1 Bms "BMS日志" / "BMS",
        2 System "系统日志" / "system",
        3 Records "记录日志" / "records",
        4 All "全部日志" / "all",
    }
    /// What came of an upload (1407).
    LogUploadResult {
        0 Succeeded "成功" / "succeeded",
        1 ConnectionFailed "FTP地址连接失败" / "connection to the FTP server failed",
        2 LoginFailed "FTP服务登录失败" / "login at the FTP server failed",
        3 NoPermission "目录无权限" / "no permission in the directory",
        4 Other "其他错误" / "other error",
    }
}
