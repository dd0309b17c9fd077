using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Checkpoints;

/// <summary>The demonstration model, and the same of which the previous-token head L1H0 writes nothing.</summary>
public sealed class DemoPair : IDisposable
{
    readonly CpuDevice device = new();
    readonly AblatedDemo ablated = new(new(1, 0));

    public DemoPair() =>
        (A, B) = (LanguageModel.Load(DemoModel.Folder, device), LanguageModel.Load(ablated.Root, device));

    public LanguageModel A { get; }

    public LanguageModel B { get; }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        device.Dispose();
        ablated.Dispose();
    }
}
