namespace RatIlgpu.Tests.Tracing;

/// <summary>Tests that trace the demonstration model on the CPU.</summary>
public abstract class DemoModelTraces : IDisposable
{
    private protected const string Prompt = "When Mary and John went to the store, John gave a drink to";

    private protected readonly CpuDevice device = new();
    private protected readonly LanguageModel model;
    private protected readonly ReverseAttentionTracer tracer;

    private protected DemoModelTraces()
    {
        model = LanguageModel.Load(DemoModel.Folder, device);
        tracer = new(model);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }
}
