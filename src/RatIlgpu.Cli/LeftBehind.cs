namespace RatIlgpu.Cli;

/// <summary>Work that cannot be stopped: when the command is, nobody waits for it any more.</summary>
static class LeftBehind
{
    /// <summary>Does work that holds nothing the rest of the command lets go of, and returns its result.</summary>
    /// <exception cref="OperationCanceledException">The command was stopped first.</exception>
    public static T WhenStopped<T>(CancellationToken cancellation, Func<T> work)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.Run(work, CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();
    }
}
