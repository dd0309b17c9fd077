using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Devices;

public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_share_is_done_once_each_time(int threads)
    {
        using var pool = new WorkerPool(threads);
        var done = new int[threads];
        for (var round = 0; round < 1000; round++)
            pool.Run(share => done[share]++);
        Assert.All(done, count => Assert.Equal(1000, count));
    }

    [Fact]
    public void Shares_run_at_the_same_time()
    {
        using var pool = new WorkerPool(3);
        using var all = new Barrier(3);
        var met = new bool[3];
        pool.Run(share => met[share] = all.SignalAndWait(TimeSpan.FromSeconds(30)));
        Assert.Equal([true, true, true], met);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void An_exception_of_a_share_reaches_the_caller(int failing)
    {
        using var pool = new WorkerPool(3);
        var error = Assert.Throws<InvalidOperationException>(() => pool.Run(share =>
        {
            if (share == failing)
                throw new InvalidOperationException($"share {share}");
        }));
        Assert.Equal($"share {failing}", error.Message);
    }

    [Fact]
    public void Works_on_after_an_exception()
    {
        using var pool = new WorkerPool(2);
        Assert.Throws<InvalidOperationException>(() => pool.Run(_ => throw new InvalidOperationException()));
        var done = 0;
        pool.Run(_ => Interlocked.Increment(ref done));
        Assert.Equal(2, done);
    }

    [Fact]
    public void Does_nothing_once_disposed()
    {
        var pool = new WorkerPool(2);
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(_ => { }));
    }

    [Fact]
    public void Disposing_stops_the_threads()
    {
        var threads = new Thread[3];
        using (var pool = new WorkerPool(3))
            pool.Run(share => threads[share] = Thread.CurrentThread);
        Assert.All(threads[1..], thread => Assert.False(thread.IsAlive));
    }
}
