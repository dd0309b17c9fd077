namespace RatIlgpu.Testing;

/// <summary>A clock that stands still until it is moved on, with its timers.</summary>
public sealed class ManualClock : TimeProvider
{
    readonly List<ManualTimer> timers = [];
    TimeSpan now;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Gets or sets by how much each reading moves the time on, without calling timers.</summary>
    public TimeSpan Reading { get; set; }

    /// <inheritdoc/>
    public override long GetTimestamp() => (now += Reading).Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the time on, and calls the timers that are due.</summary>
    public void Advance(TimeSpan time)
    {
        for (var end = now + time; ;)
        {
            var next = timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            now = Max(now, next?.Due ?? end);
            if (next is null)
                return;
            next.Ring();
        }
    }

    static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // Rings once.
    sealed class ManualTimer(ManualClock clock, Action ring) : ITimer
    {
        public TimeSpan? Due { get; private set; }

        public void Ring()
        {
            Due = null;
            ring();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Timeout.InfiniteTimeSpan)
                ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
            Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.now + dueTime;
            return true;
        }

        public void Dispose() => clock.timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
