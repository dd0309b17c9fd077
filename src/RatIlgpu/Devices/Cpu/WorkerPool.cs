using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace RatIlgpu.Devices;

/// <summary>Worker threads that run the shares of an operation together with the caller.</summary>
/// <remarks>A forward pass has hundreds of operations, some of them microseconds long. A worker therefore spins for a
/// moment before it sleeps, and the caller computes a share of its own. One thread at a time may call
/// <see cref="Run"/>.</remarks>
sealed class WorkerPool : IWorkScheduler
{
    // A worker spins for 50 µs, longer than most pauses of a forward pass between two operations.
    static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    readonly object gate = new();
    readonly Thread[] workers;
    Action<int> work = static _ => { };
    ExceptionDispatchInfo? failure;
    volatile int round;
    volatile int busy;
    int running;
    volatile bool stopping;

    /// <summary>Starts the workers.</summary>
    /// <param name="threads">How many threads work, with the caller; at least 1.</param>
    public WorkerPool(int threads)
    {
        workers = new Thread[threads - 1];
        for (var i = 0; i < workers.Length; i++)
        {
            var share = i + 1;
            workers[i] = new Thread(() => Serve(share)) { IsBackground = true, Name = $"RatIlgpu worker {share}" };
            workers[i].Start();
        }
    }

    /// <summary>Gets the number of shares: one for each thread, the caller included.</summary>
    public int Shares => workers.Length + 1;

    /// <summary>Gets the time to start the workers: 3 µs on two cores of an EPYC.</summary>
    public TimeSpan StartTime { get; } = TimeSpan.FromMicroseconds(3.3);

    /// <inheritdoc/>
    public void Run(Action<int> action)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        if (workers.Length == 0)
        {
            action(0);
            return;
        }

        if (Interlocked.Exchange(ref running, 1) != 0)
            throw new InvalidOperationException("The device is computing on another thread; one at a time may use it.");
        (work, failure, busy) = (action, null, workers.Length);
        lock (gate)
        {
            round++;
            Monitor.PulseAll(gate);
        }

        Do(0);
        for (var wait = new SpinWait(); busy > 0;)
            wait.SpinOnce(sleep1Threshold: -1);
        // Read before another thread can call Run, which resets the failure.
        var failed = failure;
        Volatile.Write(ref running, 0);
        failed?.Throw();
    }

    /// <summary>Stops the workers.</summary>
    public void Dispose()
    {
        stopping = true;
        lock (gate)
            Monitor.PulseAll(gate);
        foreach (var worker in workers)
            worker.Join();
    }

    void Serve(int share)
    {
        for (var done = 0; Await(done); done++)
        {
            Do(share);
            Interlocked.Decrement(ref busy);
        }
    }

    // Waits for the next round; a round starts only when every worker has finished the one before.
    bool Await(int done)
    {
        var end = Stopwatch.GetTimestamp() + SpinTicks;
        while (round == done && !stopping && Stopwatch.GetTimestamp() < end)
            Thread.SpinWait(20);
        if (round == done && !stopping)
            lock (gate)
                while (round == done && !stopping)
                    Monitor.Wait(gate);
        // A round that has started is computed before the pool stops: its caller waits for it.
        return round != done || !stopping;
    }

    void Do(int share)
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
