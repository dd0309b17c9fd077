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

    static IEnumerable<(string Name, string Description, bool IsUsable)> Find()
    {
        foreach (var device in (Device[])[new CpuDevice(), new PlainDevice()])
            using (device)
                yield return (device.Name, device.Description, true);
        foreach (var accelerator in IlgpuDevices.List())
            yield return (accelerator.Name, accelerator.Description, accelerator.IsUsable);
    }
}
