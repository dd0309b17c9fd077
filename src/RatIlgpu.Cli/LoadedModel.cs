using RatIlgpu.Weights;

namespace RatIlgpu.Cli;

/// <summary>A model and the device that it computes on, which are disposed together.</summary>
sealed class LoadedModel : IDisposable
{
    readonly Device device;

    LoadedModel(Device device, LanguageModel model) => (this.device, Model) = (device, model);

    /// <summary>Gets the model.</summary>
    public LanguageModel Model { get; }

    /// <summary>Opens the device and loads the model on it.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder or cached model.</exception>
    public static LoadedModel Open(ModelOptions options)
    {
        var device = options.OpenDevice(() => ModelOptions.WeightBytesOf(ModelFolder.Find(options.Name)));
        try
        {
            return new(device, LanguageModel.Load(options.Name, device, rotaryPrecision: options.Rotary));
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        device.Dispose();
    }
}
