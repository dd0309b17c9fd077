using System.CommandLine;
using RatIlgpu.Devices;
using RatIlgpu.Ilgpu;

namespace RatIlgpu.Cli;

/// <summary>Lists where a model can run.</summary>
static class DevicesCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("devices", "List the devices a model can run on, and why one is missing.");
        command.SetAction(_ => List(terminal));
        return command;
    }

    static void List(Terminal terminal)
    {
        foreach (var device in (Device[])[new CpuDevice(), new PlainDevice()])
            using (device)
                terminal.Output.WriteLine($"{device.Name,-10}  {device.Description}");
        foreach (var accelerator in IlgpuDevices.List())
        {
            var prefix = accelerator.IsUsable ? "" : "not available: ";
            terminal.Output.WriteLine($"{accelerator.Name,-10}  {prefix}{accelerator.Description}");
        }
    }
}
