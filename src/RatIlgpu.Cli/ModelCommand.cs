using RatIlgpu.Weights;

namespace RatIlgpu.Cli;

/// <summary>A command with an action that reads and writes a terminal.</summary>
abstract class TerminalCommand : Command
{
    protected TerminalCommand(string name, string description, Terminal terminal)
        : base(name, description)
    {
        Terminal = terminal;
        SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
    }

    /// <summary>Gets where the command reads and writes.</summary>
    protected Terminal Terminal { get; }

    /// <summary>Adds options, in the order in which the help shows them.</summary>
    public void AddAll(params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
            Options.Add(option);
    }

    /// <summary>Runs the command.</summary>
    protected abstract int Run(ParseResult parsed, CancellationToken cancellation);
}

/// <summary>A command that loads a model on a device.</summary>
abstract class ModelCommand(string name, string description, Terminal terminal)
    : TerminalCommand(name, description, terminal)
{
    /// <summary>Gets the options that say which model runs where.</summary>
    protected ModelOptions Models { get; } = new();

    /// <summary>Returns the folder of the model that is requested.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder or cached model.</exception>
    protected string FindModel(ParseResult parsed) => ModelFolder.Find(Models.NameOf(parsed));

    /// <summary>Opens the device that was asked for and loads the model on it.</summary>
    protected LoadedModel Load(ParseResult parsed, string folder)
    {
        var device = Models.OpenDevice(parsed, () => ModelOptions.WeightBytesOf(folder));
        try
        {
            return new(device, LanguageModel.Load(Models.NameOf(parsed), device));
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }
}

/// <summary>A model and the device that it computes on, which are disposed together.</summary>
readonly record struct LoadedModel(Device Device, LanguageModel Model) : IDisposable
{
    public void Dispose()
    {
        Model.Dispose();
        Device.Dispose();
    }
}
