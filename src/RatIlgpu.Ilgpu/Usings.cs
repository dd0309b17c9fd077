global using ILGPU;
global using ILGPU.IR.Intrinsics;
global using ILGPU.Runtime;
