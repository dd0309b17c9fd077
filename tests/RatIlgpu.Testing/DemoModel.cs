namespace RatIlgpu.Testing;

/// <summary>The demonstration checkpoint.</summary>
static class DemoModel
{
    /// <summary>Gets the folder of the checkpoint.</summary>
    public static string Folder { get; } = Repository.Path("samples", "demo-model");
}
