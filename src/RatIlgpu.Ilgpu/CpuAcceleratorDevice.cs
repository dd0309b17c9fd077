using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using ILGPU.Runtime.CPU;

namespace RatIlgpu.Ilgpu;

/// <summary>Computes on ILGPU's CPU accelerator, in its memory, with the vector loops of <see cref="CpuDevice"/>: the
/// items of a launched kernel are the shares of an operation.</summary>
sealed unsafe class CpuAcceleratorDevice : IlgpuDevice
{
    // 2²⁰ steps of CpuDevice, of 0.05 ns each: about the time of a launch, 60 µs on two cores of an EPYC.
    static readonly TimeSpan LaunchTime = TimeSpan.FromMicroseconds(52.4);

    readonly CpuDevice cpu;

    /// <summary>Makes a device.</summary>
    /// <param name="name">The name on the command line.</param>
    /// <param name="threads">The number of threads, at least 1.</param>
    /// <param name="launchTime">Operations that take less than this are called, not launched; null for the measured
    /// time.</param>
    public CpuAcceleratorDevice(string name, int threads, TimeSpan? launchTime = null)
        : this(name, threads, new CPUDevice(2, 1, threads).CreateAccelerator(Accelerators.Context), launchTime)
    {
    }

    CpuAcceleratorDevice(string name, int threads, Accelerator accelerator, TimeSpan? launchTime)
        : this(name, accelerator, new CpuDevice(new LaunchedShares(accelerator, threads, launchTime ?? LaunchTime)))
    {
    }

    CpuAcceleratorDevice(string name, Accelerator accelerator, CpuDevice cpu)
        : base(name, $"ILGPU's CPU accelerator, {cpu.Description}", accelerator) => this.cpu = cpu;

    /// <summary>The memory of this process is also limited by the garbage collector.</summary>
    protected override long MostBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public override void Dispose()
    {
        base.Dispose();
        cpu.Dispose();
    }

    /// <summary>Uses weights where they lie.</summary>
    protected override Tensor LoadCore(HostTensor source)
    {
        var bytes = source.Shape.Count * source.DataType.Size();
        var address = (nint)Unsafe.AsPointer(ref FirstByteOf(source));
        lock (Gate)
            return new IlgpuTensor(
                source.Shape, source.DataType,
                Keep(CPUMemoryBuffer.Create(Accelerator, address, bytes, 1), bytes, source));
    }

    protected override void FillCore(float value, Tensor destination) => cpu.Fill(value, OnHost(destination));

    protected override void AddCore(Tensor x, Tensor y, Tensor result) =>
        cpu.Add(OnHost(x), OnHost(y), OnHost(result));

    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result) =>
        cpu.SwiGlu(OnHost(gate), OnHost(up), OnHost(result));

    protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result) =>
        cpu.Gather(OnHost(table), rows, OnHost(result));

    protected override void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result) =>
        cpu.RmsNorm(OnHost(x), OnHost(gain), epsilon, OnHost(result));

    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result)
    {
        if (accumulate)
            cpu.AddLinear(OnHost(x), OnHost(weight), OnHost(result));
        else
            cpu.Linear(OnHost(x), OnHost(weight), bias is null ? null : OnHost(bias), OnHost(result));
    }

    protected override void RotateCore(Tensor x, Tensor angles, Tensor result) =>
        cpu.Rotate(OnHost(x), OnHost(angles), OnHost(result));

    protected override void ScoresCore(Tensor query, Tensor key, Tensor result) =>
        cpu.Scores(OnHost(query), OnHost(key), OnHost(result));

    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result) =>
        cpu.CausalSoftmax(OnHost(scores), OnHost(visibility), OnHost(result));

    protected override void PatternCore(Tensor query, Tensor key, Visibility visibility, Tensor result) =>
        cpu.Pattern(OnHost(query), OnHost(key), OnHost(visibility), OnHost(result));

    protected override void MixCore(Tensor pattern, Tensor value, Tensor result) =>
        cpu.Mix(OnHost(pattern), OnHost(value), OnHost(result));

    protected override void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result) =>
        cpu.Attend(OnHost(query), OnHost(key), OnHost(value), OnHost(visibility), OnHost(result));

    protected override void AggregatePatternCore(
        Tensor query, Tensor key, Visibility visibility, HeadReduction reduction, ReadOnlySpan<int> heads,
        ReadOnlySpan<int> rows, Tensor result)
    {
        var chosen = reduction == HeadReduction.Max ? HeadAggregation.MaxOf(heads) : HeadAggregation.MeanOf(heads);
        cpu.AggregatePattern(OnHost(query), OnHost(key), OnHost(visibility), chosen, rows, OnHost(result));
    }

    Visibility OnHost(Visibility visibility) =>
        visibility with { KeyMask = visibility.KeyMask is { } mask ? OnHost(mask) : null };

    HostTensor OnHost(Tensor tensor) => Own(tensor).OnHost;
}

/// <summary>Runs the shares of a <see cref="CpuDevice"/> as the items of one kernel on ILGPU's CPU accelerator, whose
/// memory and code are those of this process.</summary>
sealed class LaunchedShares(Accelerator accelerator, int shares, TimeSpan startTime) : IWorkScheduler
{
    readonly Lock gate = new();
    Action<Index1D, long>? launch;
    bool isDisposed;

    public int Shares => shares;

    public TimeSpan StartTime => startTime;

    public void Run(Action<int> work)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            launch ??= accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, long>(RunShare, 1);
            var operation = new Operation(work);
            var handle = GCHandle.Alloc(operation);
            try
            {
                launch(shares, (long)GCHandle.ToIntPtr(handle));
            }
            finally
            {
                handle.Free();
            }

            operation.Failure?.Throw();
        }
    }

    public void Dispose()
    {
        lock (gate)
            isDisposed = true;
    }

    // One item per share.
    static void RunShare(Index1D share, long operation) => Compute(share, operation);

    // Not compiled by ILGPU.
    [IntrinsicImplementation]
    static void Compute(int share, long operation) =>
        ((Operation)GCHandle.FromIntPtr((nint)operation).Target!).Compute(share);

    sealed class Operation(Action<int> work)
    {
        ExceptionDispatchInfo? failure;

        public ExceptionDispatchInfo? Failure => failure;

        // An exception in a thread of the accelerator would end the process.
        public void Compute(int share)
        {
            try
            {
                work(share);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
        }
    }
}
