using RatIlgpu.Cli;

CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
return CommandLine.Run(args, Terminal.System());
