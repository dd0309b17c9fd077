using RatIlgpu.Devices;
using RatIlgpu.Ilgpu;

namespace RatIlgpu.Cli;

/// <summary>The options that say which model runs where.</summary>
sealed class ModelOptions
{
    public CliOption<string?> Model { get; } = new("--model, -m", "folder",
        "A Hugging Face Qwen2 folder, or the name of a model in the local Hugging Face cache, such as "
            + "Qwen/Qwen2-0.5B. Default: the demonstration model that comes with the command.");

    public CliOption<string> Device { get; } = new("--device, -d", "name",
        "Where to compute: auto (a CUDA card that holds the model, else cpu), cpu, plain (the slow "
            + "definition), ilgpu (the best of ILGPU's), or one that 'ratilgpu devices' lists.",
        "auto");

    public CliOption<int> Threads { get; } = new(
        "--threads", "n", "How many threads cpu and ilgpu-cpu use; auto is cpu then. Default: 0, one for each core.");

    /// <summary>Returns the model that is requested.</summary>
    public string NameOf(ParseResult parsed) => parsed.GetValue(Model) ?? DemoModel.Folder;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(TerminalCommand command, bool needsDevice = true)
    {
        command.AddAll(Model);
        if (needsDevice)
            command.AddAll(Device, Threads);
    }

    /// <summary>Opens the device that is requested; asks for the bytes of the weights only where <c>auto</c> looks for
    /// a card.</summary>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the device.</exception>
    public Device OpenDevice(ParseResult parsed, Func<long> weights)
    {
        var (name, threads) = (parsed.GetValue(Device)!, parsed.GetValue(Threads));
        if (threads is < 0 or > CpuDevice.MostThreads)
            throw new UsageException($"--threads is {threads}, expected 0 to {CpuDevice.MostThreads}.");
        if (threads > 0 && name is not ("auto" or "cpu" or "ilgpu" or "ilgpu-cpu"))
            throw new UsageException($"--threads is for cpu and ilgpu-cpu; --device is '{name}'.");
        return name switch
        {
            "auto" when threads == 0 && CardFor(weights) is { } card => IlgpuDevices.Open(card),
            "auto" or "cpu" => new CpuDevice(threads),
            "plain" => new PlainDevice(),
            "ilgpu" or "ilgpu-cpu" or "opencl" or "cuda" or "cuda-fast" => IlgpuDevices.Open(name, threads),
            _ when name.Split(':') is ["opencl" or "cuda" or "cuda-fast", var number] && IsNumber(number) =>
                IlgpuDevices.Open(name),
            _ => throw new UsageException(
                $"--device is '{name}', expected auto, cpu, plain, ilgpu, ilgpu-cpu, opencl[:n], cuda[:n] "
                + "or cuda-fast[:n]."),
        };
    }

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
