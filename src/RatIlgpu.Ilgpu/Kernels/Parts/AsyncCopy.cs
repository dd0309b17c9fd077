using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Types;

namespace RatIlgpu.Ilgpu;

/// <summary>Copies from global to shared memory that run while the thread goes on, from sm_80 on.</summary>
static class AsyncCopy
{
    /// <summary>Starts to copy eight bytes.</summary>
    /// <param name="source">Global memory, at a multiple of eight bytes.</param>
    /// <param name="destination">Shared memory, at a multiple of eight bytes.</param>
    [IntrinsicImplementation]
    public static void Start(ref UInt2 source, ref UInt2 destination) => destination = source;

    /// <summary>Waits until the copies of this thread are done; a barrier shows them to the others.</summary>
    [IntrinsicImplementation]
    public static void Wait()
    {
    }

    /// <summary>Registers the PTX implementations of these intrinsics.</summary>
    public static void Register(Context context)
    {
        var manager = context.GetIntrinsicManager();
        manager.RegisterMethod(
            typeof(AsyncCopy).GetMethod(nameof(Start))!,
            new PTXIntrinsic(typeof(AsyncCopy), nameof(StartForPtx), IntrinsicImplementationMode.GenerateCode));
        manager.RegisterMethod(
            ((Delegate)Wait).Method,
            new PTXIntrinsic(typeof(AsyncCopy), nameof(WaitForPtx), IntrinsicImplementationMode.GenerateCode));
    }

    static void StartForPtx(PTXBackend _, PTXCodeGenerator generator, Value call)
    {
        var source = Addresses.In(generator, MemoryAddressSpace.Global, call[0]);
        var destination = Addresses.In(generator, MemoryAddressSpace.Shared, call[1]);
        using var command = generator.BeginCommand("cp.async.ca.shared.global");
        command.AppendArgumentValue(destination);
        command.AppendArgumentValue(source);
        command.AppendConstant(8L);
    }

    static void WaitForPtx(PTXBackend _, PTXCodeGenerator generator, Value _1)
    {
        using var command = generator.BeginCommand("cp.async.wait_all");
    }
}

/// <summary>Addresses of references, for instructions that take them in one address space.</summary>
static class Addresses
{
    /// <summary>Returns a register with the address of a reference in an address space.</summary>
    /// <remarks>ILGPU takes away conversions to the generic address space where it knows the space: such an address
    /// must not be converted again. The rest of a kernel decides where it knows the space
    /// (<c>findings/ilgpu-shared-address.sh</c>).</remarks>
    public static PTXRegisterAllocator.HardwareRegister In(
        PTXCodeGenerator generator, MemoryAddressSpace space, Value reference)
    {
        var known = generator.LoadHardware(reference);
        if (((AddressSpaceType)reference.Type).AddressSpace == space)
            return known;
        var address = generator.AllocatePlatformRegister(out _);
        using var command = generator.BeginCommand(
            space == MemoryAddressSpace.Shared ? "cvta.to.shared.u64" : "cvta.to.global.u64");
        command.AppendArgument(address);
        command.AppendArgument(known);
        return address;
    }
}
