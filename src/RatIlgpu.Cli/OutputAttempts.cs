using System.Runtime.ExceptionServices;

namespace RatIlgpu.Cli;

/// <summary>Writes several outputs, of which one that cannot be written takes no other with it.</summary>
/// <param name="cancellation">Stops before an output.</param>
sealed class OutputAttempts(CancellationToken cancellation)
{
    ExceptionDispatchInfo? first;

    /// <summary>Writes an output; the fault of one that cannot be written is kept.</summary>
    /// <param name="write">Writes it.</param>
    /// <exception cref="OperationCanceledException">The command was stopped.</exception>
    public void Run(Action write)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            write();
        }
        catch (Exception fault) when (fault is ArgumentException or IOException or UnauthorizedAccessException)
        {
            first ??= ExceptionDispatchInfo.Capture(fault);
        }
    }

    /// <summary>Throws the first fault, if there is one.</summary>
    public void End() => first?.Throw();
}
