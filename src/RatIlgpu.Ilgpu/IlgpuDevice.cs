namespace RatIlgpu.Ilgpu;

/// <summary>Computes on an accelerator of ILGPU, in the memory of that accelerator; a subclass says how.</summary>
/// <remarks>Accelerators of ILGPU are not safe for several threads: every use of one holds its lock.</remarks>
abstract unsafe partial class IlgpuDevice : Device
{
    /// <summary>Takes ownership of an accelerator.</summary>
    protected IlgpuDevice(string name, string description, Accelerator accelerator)
    {
        (Name, Description, Accelerator) = (name, description, accelerator);
        (outbox, pool) = (new(accelerator), new(MostKept, FreeNow));
    }

    public sealed override string Name { get; }

    public sealed override string Description { get; }

    /// <summary>True after <see cref="Dispose"/>; buffers are then already freed.</summary>
    internal bool IsDisposed { get; private set; }

    protected Accelerator Accelerator { get; }

    /// <summary>The lock of the accelerator.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>Called before each call of the driver, so that tests can make it fail.</summary>
    internal Action<DriverCall>? BeforeCall { get; set; }

    /// <summary>Frees all memory; errors of the driver are not thrown.</summary>
    public override void Dispose()
    {
        if (!IsDisposed)
            RescueHeld();
        lock (Gate)
        {
            if (IsDisposed)
                return;
            IsDisposed = true;
            // Some drivers still read the memory of the host from which numbers are on their way.
            DriverFailure.Ignore(FinishLoading);
            DriverFailure.Ignore(Accelerator.DefaultStream.Synchronize);
            ForgetSums();
            pool.Clear();
            // A lost card refuses each step. What is left of it ends with the process.
            DriverFailure.Ignore(() => staging?.Dispose());
            DriverFailure.Ignore(outbox.Dispose);
            DriverFailure.Ignore(Close);
        }

        base.Dispose();
    }

    /// <summary>Returns the first byte of a tensor in the memory of this process, which does not move.</summary>
    protected static ref byte FirstByteOf(HostTensor tensor) =>
        ref MemoryMarshal.GetReference(tensor.AsSpan<byte>(0, 0));

    /// <summary>Returns the numbers of an F32 tensor of this device.</summary>
    protected ArrayView<float> Floats(Tensor tensor) => Own(tensor).As<float>();

    /// <summary>Returns the numbers of an F32 tensor of this device; an empty view for null.</summary>
    protected ArrayView<float> FloatsOrNone(Tensor? tensor) => tensor is null ? ArrayView<float>.Empty : Floats(tensor);

    /// <summary>The factors of the keys of some heads, <c>[all heads, keys or more]</c>; null for none.</summary>
    protected FactorSource FactorsOf(Tensor? factors, ArrayView<int> heads) =>
        new() { Numbers = FloatsOrNone(factors), Stride = factors?.Shape[1] ?? 0, Heads = heads };

    protected IlgpuTensor Own(Tensor tensor) => tensor is IlgpuTensor own && own.Device == this
        ? own
        : throw new ArgumentException($"A tensor {tensor} of another device was given, expected one of {Name}.");

    /// <summary>Uses the accelerator: one thread at a time, and errors of the driver name the device.</summary>
    protected void Use(Action action)
    {
        lock (Gate)
        {
            FinishLoading();
            DriverFailure.Guard(Name, Told(DriverCall.Use, action));
        }
    }

    Action Told(DriverCall call, Action action) => BeforeCall is { } before ? (() => before(call)) + action : action;

    void Close()
    {
        BeforeCall?.Invoke(DriverCall.Close);
        Accelerator.Dispose();
    }
}
