using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Checkpoints;

/// <summary>Two models on one device, which are disposed together.</summary>
sealed class LoadedPair : IDisposable
{
    readonly Device device;

    LoadedPair(Device device, LanguageModel a, LanguageModel b) => (this.device, A, B) = (device, a, b);

    /// <summary>Gets the first model.</summary>
    public LanguageModel A { get; }

    /// <summary>Gets the second model.</summary>
    public LanguageModel B { get; }

    /// <summary>Opens the device and loads both models on it; what a user must know of either is said.</summary>
    /// <param name="options">The device.</param>
    /// <param name="a">The name of the first model.</param>
    /// <param name="b">The name of the second model.</param>
    /// <param name="terminal">Where it is said.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder or cached model.</exception>
    public static LoadedPair Open(ModelOptions options, string a, string b, Terminal terminal)
    {
        var device = options.OpenDevice(() => new[] { a, b }.Sum(name =>
            ModelOptions.WeightBytesOf(ModelFolder.Find(name))));
        LanguageModel? first = null;
        try
        {
            first = Load(a);
            return new(device, first, Load(b));
        }
        catch
        {
            first?.Dispose();
            device.Dispose();
            throw;
        }

        LanguageModel Load(string name)
        {
            var model = LanguageModel.Load(name, device, rotaryPrecision: options.Rotary);
            foreach (var notice in model.Notices)
                terminal.Error.WriteLine($"ratilgpu: note: {OneLine.Escape(notice)}");
            return model;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        B.Dispose();
        A.Dispose();
        device.Dispose();
    }
}
