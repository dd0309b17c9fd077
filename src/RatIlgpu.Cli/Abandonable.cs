namespace RatIlgpu.Cli;

/// <summary>Runs work that cannot be cancelled. On cancellation the work keeps running in the background and its result
/// is dropped.</summary>
static class Abandonable
{
    /// <summary>Runs work that uses nothing which the rest of the command disposes, and returns its result.</summary>
    public static T Run<T>(CancellationToken cancellation, Func<T> work)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.Run(work, CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();
    }
}
