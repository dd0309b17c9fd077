using System.Text.Json;
using RatIlgpu.Cli.Options;
using RatIlgpu.Devices;
using RatIlgpu.Ilgpu;

namespace RatIlgpu.Cli;

/// <summary>Lists the devices that a model can run on.</summary>
sealed class DevicesCommand : TerminalCommand
{
    readonly CliOptions options;

    public DevicesCommand(Terminal terminal, CliOptions options)
        : base("devices", "List the devices a model can run on, and why one is missing.", terminal)
    {
        this.options = options;
        AddAll(options.Json);
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("What this machine has:", ""),
        ("For programs:", "--json -"),
        ("Kept in a file:", "--json devices.json"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var json = new JsonOutput(parsed, options, Terminal);
        return _ =>
        {
            json.Try();
            var found = Find().ToList();
            foreach (var (name, description, isUsable) in found)
                json.Report.WriteLine($"{name,-10}  {(isUsable ? "" : "not available: ")}{description}");
            json.Write(() => JsonSerializer.Serialize(new
            {
                kind = "devices",
                version = 1,
                devices = found.Select(one => new
                {
                    name = one.Name,
                    description = one.Description,
                    is_usable = one.IsUsable,
                }),
            }));
            return 0;
        };
    }

    // The environment may ask for vectors that the processor does not have.
    static (string Name, string Description, bool IsUsable) FindCpu()
    {
        try
        {
            using var cpu = new CpuDevice();
            return (cpu.Name, $"{cpu.Description} ({cpu.LevelReason})", true);
        }
        catch (Exception refusal) when (refusal is ArgumentException or PlatformNotSupportedException)
        {
            return ("cpu", OneLine.Escape(refusal.Message), false);
        }
    }

    static IEnumerable<(string Name, string Description, bool IsUsable)> Find()
    {
        yield return FindCpu();
        using (var plain = new PlainDevice())
            yield return (plain.Name, plain.Description, true);
        foreach (var accelerator in IlgpuDevices.List())
            yield return (accelerator.Name, accelerator.Description, accelerator.IsUsable);
    }
}
