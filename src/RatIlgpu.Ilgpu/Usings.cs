global using ILGPU;
global using ILGPU.IR.Intrinsics;
global using ILGPU.Runtime;
global using CpuDevice = RatIlgpu.Devices.CpuDevice;
global using Device = RatIlgpu.Devices.Device;
global using Hardware = ILGPU.Runtime.Accelerator;
