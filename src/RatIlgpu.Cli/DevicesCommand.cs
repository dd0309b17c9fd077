using RatIlgpu.Devices;
using RatIlgpu.Ilgpu;

namespace RatIlgpu.Cli;

/// <summary>Lists the devices that a model can run on.</summary>
sealed class DevicesCommand(Terminal terminal)
    : TerminalCommand("devices", "List the devices a model can run on, and why one is missing.", terminal)
{
    protected override int Run(ParseResult parsed, CancellationToken cancellation)
    {
        foreach (var device in (Device[])[new CpuDevice(), new PlainDevice()])
            using (device)
                Terminal.Output.WriteLine($"{device.Name,-10}  {device.Description}");
        foreach (var accelerator in IlgpuDevices.List())
        {
            var prefix = accelerator.IsUsable ? "" : "not available: ";
            Terminal.Output.WriteLine($"{accelerator.Name,-10}  {prefix}{accelerator.Description}");
        }

        return 0;
    }
}
