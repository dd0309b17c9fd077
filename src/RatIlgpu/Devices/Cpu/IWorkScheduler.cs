namespace RatIlgpu.Devices;

/// <summary>Runs the shares of each operation of a <see cref="CpuDevice"/>, at the same time where it can.</summary>
/// <remarks>The results of a device do not depend on the scheduler: shares only decide which thread computes which
/// numbers.</remarks>
interface IWorkScheduler : IDisposable
{
    /// <summary>Gets the number of shares of an operation, at least 1 and always the same.</summary>
    int Shares { get; }

    /// <summary>Gets the time from a call of <see cref="Run"/> until all shares have started. An operation that takes
    /// less is not given to <see cref="Run"/>; the calling thread computes it.</summary>
    TimeSpan StartTime { get; }

    /// <summary>Calls <paramref name="work"/> once with each share in [0, <see cref="Shares"/>) and returns when all
    /// calls have returned. If a call throws, the other shares still run, and one of the exceptions reaches the
    /// caller.</summary>
    /// <param name="work">Computes a share; may be called on any thread.</param>
    /// <exception cref="ObjectDisposedException">The scheduler was disposed.</exception>
    void Run(Action<int> work);
}
