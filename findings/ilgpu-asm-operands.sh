#!/usr/bin/env bash
# ILGPU 1.5.3: CudaAsm.EmitRef stores and loads every operand in local memory, once per instruction.
#
# Expected: the operands stay in registers, as inline assembly has it, and as ILGPU does with local variables that a
#           method takes by reference.
# Seen:     each Input<T> and Ref<T> has a place in local memory in the PTX, at the highest level of optimisation. It is
#           loaded before each instruction, and a Ref<T> is stored after it; an assembler may take that away again. The
#           same instruction, written by the code generator of an intrinsic, takes the registers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet new console --name Finding --output . >/dev/null
dotnet add package ILGPU --version 1.5.3 >/dev/null
cat >Program.cs <<'PROGRAM'
using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.Runtime.Cuda;
using Primitive = ILGPU.Backends.PTX.PTXRegisterAllocator.PrimitiveRegister;

var version = typeof(Context).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
Console.WriteLine($"ILGPU {version!.InformationalVersion.Split('+')[0]}, .NET {Environment.Version}");
Console.WriteLine("kernel         variables in local memory, loads, stores, mma.sync");
var once = Line(nameof(Kernels.EmitRefOnce));
var twice = Line(nameof(Kernels.EmitRefTwice));
var intrinsic = Line(nameof(Kernels.IntrinsicTwice));
var method = Line(nameof(Kernels.MethodTwice));
if (once is { Variables: 7, Mma: 1 } && twice is { Variables: 7, Mma: 2 }
    && twice.Loads - once.Loads == 7 && twice.Stores - once.Stores == 4
    && intrinsic == (0, 0, 0, 2) && method == (0, 0, 0, 0))
    return 0;
Console.WriteLine("The behaviour has changed.");
return 1;

static (int Variables, int Loads, int Stores, int Mma) Line(string name)
{
    using var context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
    Mma.Register(context);
    using var backend = new PTXBackend(
        context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80,
        CudaInstructionSet.ISA_70, null);
    var kernel = EntryPointDescription.FromExplicitlyGroupedKernel(typeof(Kernels).GetMethod(name)!);
    var ptx = ((PTXCompiledKernel)backend.Compile(kernel, default)).PTXAssembly;
    var line = (Count(".local"), Count("ld.local"), Count("st.local"), Count("mma.sync"));
    Console.WriteLine($"{name,-14} {line}");
    return line;

    int Count(string instruction) =>
        ptx.Split('\n').Count(text => text.Trim().StartsWith(instruction, StringComparison.Ordinal));
}

public struct Sums
{
    public float A;
    public float B;
    public float C;
    public float D;
}

public static class Mma
{
    public const string Name = "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32";

    // What it computes does not matter here: this body is for accelerators that have no code generator for it.
    [IntrinsicImplementation]
    public static Sums Add(Sums sums, uint upper, uint lower, uint column) => sums;

    public static void Register(Context context) => context.GetIntrinsicManager().RegisterMethod(
        ((Delegate)Add).Method,
        new PTXIntrinsic(typeof(Mma), nameof(Write), IntrinsicImplementationMode.GenerateCode));

    static void Write(PTXBackend _, PTXCodeGenerator generator, Value call)
    {
        var result = ((PTXRegisterAllocator.CompoundRegister)generator.Allocate(call)).SliceAs<Primitive>(0, 4);
        var sums = ((PTXRegisterAllocator.CompoundRegister)generator.Load(call[0])).SliceAs<Primitive>(0, 4);
        Primitive[] rows = [generator.LoadHardware(call[1]), generator.LoadHardware(call[2])];
        Primitive[] column = [generator.LoadHardware(call[3])];
        using var command = generator.BeginCommand(Name);
        command.AppendVectorArgument(result);
        command.AppendVectorArgument(rows);
        command.AppendVectorArgument(column);
        command.AppendVectorArgument(sums);
    }
}

public static class Kernels
{
    const string Assembly = Mma.Name + " {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};";

    public static void EmitRefOnce(ArrayView<uint> x, ArrayView<Sums> sums)
    {
        var sum = sums[Group.IdxX];
        Ref<float> a = sum.A, b = sum.B, c = sum.C, d = sum.D;
        Input<uint> upper = x[Group.IdxX], lower = x[Group.IdxX + 32], column = x[Group.IdxX + 64];
        CudaAsm.EmitRef(Assembly, ref a, ref b, ref c, ref d, ref upper, ref lower, ref column);
        sums[Group.IdxX] = new Sums { A = a.Value, B = b.Value, C = c.Value, D = d.Value };
    }

    public static void EmitRefTwice(ArrayView<uint> x, ArrayView<Sums> sums)
    {
        var sum = sums[Group.IdxX];
        Ref<float> a = sum.A, b = sum.B, c = sum.C, d = sum.D;
        Input<uint> upper = x[Group.IdxX], lower = x[Group.IdxX + 32], column = x[Group.IdxX + 64];
        CudaAsm.EmitRef(Assembly, ref a, ref b, ref c, ref d, ref upper, ref lower, ref column);
        CudaAsm.EmitRef(Assembly, ref a, ref b, ref c, ref d, ref upper, ref lower, ref column);
        sums[Group.IdxX] = new Sums { A = a.Value, B = b.Value, C = c.Value, D = d.Value };
    }

    public static void IntrinsicTwice(ArrayView<uint> x, ArrayView<Sums> sums)
    {
        var (upper, lower, column) = (x[Group.IdxX], x[Group.IdxX + 32], x[Group.IdxX + 64]);
        var once = Mma.Add(sums[Group.IdxX], upper, lower, column);
        sums[Group.IdxX] = Mma.Add(once, upper, lower, column);
    }

    // The same variables, taken by reference by a method of C#.
    public static void MethodTwice(ArrayView<uint> x, ArrayView<Sums> sums)
    {
        var sum = sums[Group.IdxX];
        Ref<float> a = sum.A, b = sum.B, c = sum.C, d = sum.D;
        Input<uint> upper = x[Group.IdxX], lower = x[Group.IdxX + 32], column = x[Group.IdxX + 64];
        Add(ref a, ref b, ref c, ref d, ref upper, ref lower, ref column);
        Add(ref a, ref b, ref c, ref d, ref upper, ref lower, ref column);
        sums[Group.IdxX] = new Sums { A = a.Value, B = b.Value, C = c.Value, D = d.Value };
    }

    static void Add(
        ref Ref<float> a, ref Ref<float> b, ref Ref<float> c, ref Ref<float> d,
        ref Input<uint> upper, ref Input<uint> lower, ref Input<uint> column)
    {
        a.Value += upper.Value;
        b.Value += upper.Value * column.Value;
        c.Value += lower.Value;
        d.Value += lower.Value * column.Value;
    }
}
PROGRAM
dotnet run
