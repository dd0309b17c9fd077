using RatIlgpu.Cli.Options;
using RatIlgpu.Devices;
using RatIlgpu.Ilgpu;

namespace RatIlgpu.Cli;

/// <summary>Which model runs where, from the command line.</summary>
/// <param name="Name">The model's folder or its name in the Hugging Face cache.</param>
/// <param name="Device">The name of the device.</param>
/// <param name="Threads">The number of threads; 0 for one for each core.</param>
/// <param name="Rotary">The precision of the rotary angles.</param>
sealed record ModelOptions(string Name, string Device, int Threads, RotaryPrecision Rotary)
{
    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">The threads do not fit the device.</exception>
    public static ModelOptions Read(ParseResult parsed, CliOptions options)
    {
        var (device, threads) = (parsed.Get(options.Device)!, parsed.Get(options.Threads));
        if (threads > 0 && device is not ("auto" or "cpu" or "ilgpu" or "ilgpu-cpu"))
            throw new UsageException($"--threads is for cpu and ilgpu-cpu; --device is '{device}'.");
        var folder = parsed.Get(options.Model) ?? DemoModel.Folder;
        return new(folder, device, threads, parsed.Get(options.RotaryPrecision));
    }

    /// <summary>Reads the name of a device.</summary>
    /// <exception cref="FormatException">There is no such name.</exception>
    public static string ReadDevice(string name) => name switch
    {
        "auto" or "cpu" or "plain" or "ilgpu" or "ilgpu-cpu" or "opencl" or "cuda" or "cuda-fast" => name,
        _ when name.Split(':') is ["opencl" or "cuda" or "cuda-fast", var number] && IsNumber(number) => name,
        _ => throw new FormatException(
            $"is '{name}', expected auto, cpu, plain, ilgpu, ilgpu-cpu, opencl[:n], cuda[:n] or cuda-fast[:n]."),
    };

    /// <summary>Opens the device; asks for the bytes of the weights only where <c>auto</c> looks for a card.</summary>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the device.</exception>
    public Device OpenDevice(Func<long> weights) => Device switch
    {
        // Without a driver there is no card, and nothing of ILGPU has to be loaded to find none.
        "auto" when Threads == 0 && IlgpuDevices.HasCudaDriver && CardFor(weights) is { } card =>
            IlgpuDevices.Open(card),
        "auto" or "cpu" => new CpuDevice(Threads),
        "plain" => new PlainDevice(),
        _ => IlgpuDevices.Open(Device, Threads),
    };

    static bool IsNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    // The first CUDA card with memory for the weights plus a quarter of their size for activations.
    static string? CardFor(Func<long> weights) =>
        IlgpuDevices.List()
            .FirstOrDefault(found => found.IsUsable && found.Name.StartsWith("cuda", StringComparison.Ordinal)
                && found.MemoryBytes >= weights() * 1.25)
            ?.Name;

    /// <summary>Returns the bytes of the weight files in a folder.</summary>
    /// <remarks>In the Hugging Face cache these files are links; the length of the target counts.</remarks>
    internal static long WeightBytesOf(string folder) => new DirectoryInfo(folder)
        .EnumerateFiles("*.safetensors")
        .Select(file => file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file)
        .Sum(file => file.Exists ? file.Length : 0);
}
