using System.Diagnostics;
using System.Globalization;
using RatIlgpu.Mutations;

// Mutates files of sound folders and tries each folder: dotnet run -c Release --project benchmarks/RatIlgpu.Mutations.
// --count N, --seed N, --threads N; --keep FOLDER for the files that end wrongly; --case N for one case alone.
var run = MutationRun.Parse(args);
var clock = Stopwatch.StartNew();
var results = run.Execute();
Console.WriteLine(results.Table());
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{results.Count:N0} cases of seed {run.Seed} in {clock.Elapsed.TotalMinutes:F1} minutes on {run.Threads} threads; "
    + $"peak of the process {Process.GetCurrentProcess().PeakWorkingSet64 / (1 << 20):N0} MB."));
return results.IsClean ? 0 : 1;
