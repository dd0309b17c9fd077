using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;
using RatIlgpu.Browser.Tests;
using RatIlgpu.Testing;
using Xunit.Sdk;

[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: Xunit.v3.Parallelization(Mode = ParallelMode.None)]

namespace RatIlgpu.Browser.Tests;

/// <summary>One browser for all tests, started by the first that needs it.</summary>
public sealed class Chromium : IDisposable
{
    static readonly string[] arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1366,900",
    ];

    readonly string folders;
    readonly bool isRequired;
    readonly TemporaryFolder profile = new();
    readonly Lazy<ChromeDriver> driver;

    public Chromium()
        : this(
            Environment.GetEnvironmentVariable("PATH") ?? "", Environment.GetEnvironmentVariable("CI") == "true")
    {
    }

    /// <summary>Looks for the browser in other folders.</summary>
    /// <param name="folders">The folders, separated as in <c>PATH</c>.</param>
    /// <param name="isRequired">Whether a test fails without a browser, instead of being skipped.</param>
    internal Chromium(string folders, bool isRequired)
    {
        this.folders = folders;
        this.isRequired = isRequired;
        driver = new(Start);
    }

    /// <summary>Gets the browser, started; without one, skips the test, or fails it where a browser is required.
    /// </summary>
    public ChromeDriver Driver
    {
        get
        {
            if (Missing(folders) is not { } missing)
                return driver.Value;
            var reason = $"{missing} is not on the path: apt-get install chromium chromium-driver.";
            throw isRequired ? FailException.ForFailure(reason) : SkipException.ForSkip(reason);
        }
    }

    public void Dispose()
    {
        if (driver.IsValueCreated)
            driver.Value.Dispose();
        profile.Dispose();
    }

    ChromeDriver Start()
    {
        var options = new ChromeOptions { BinaryLocation = Find("chromium", folders) };
        options.AddArguments(arguments);
        options.AddArgument($"--user-data-dir={profile.Root}");
        options.SetLoggingPreference(LogType.Browser, LogLevel.All);
        options.SetLoggingPreference(LogType.Performance, LogLevel.All);
        // With its path given, Selenium does not look for a driver elsewhere.
        var service = ChromeDriverService.CreateDefaultService(Path.GetDirectoryName(Find("chromedriver", folders)));
        return new ChromeDriver(service, options);
    }

    /// <summary>Returns the first program that is in none of the folders; null if none is missing.</summary>
    internal static string? Missing(string folders) =>
        new[] { "chromium", "chromedriver" }.FirstOrDefault(name => Find(name, folders) is null);

    /// <summary>Returns where a program is; null if it is in none of the folders.</summary>
    internal static string? Find(string name, string folders) => folders
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);
}
