namespace RatIlgpu;

/// <summary>The demonstration checkpoint that comes with the library: a trained Qwen2 model of 4 layers, 8 heads and
/// 0.88 million parameters.</summary>
/// <remarks>The build copies the folder <c>demo-model</c> beside a program that references the package; with the
/// MSBuild property <c>RatIlgpuDemoModel</c> set to <c>false</c> it does not.</remarks>
public static class DemoModel
{
    /// <summary>Gets the checkpoint's folder, <c>demo-model</c> beside the program, for
    /// <see cref="LanguageModel.Load"/>.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "demo-model");
}
