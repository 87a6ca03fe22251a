using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kameo.Actors.Benchmarks.Reports;

/// <summary>On what the numbers were made, and of which commit.</summary>
/// <param name="Commit">Of the sources, "with changes" when there are some; "unknown" outside of a clone.</param>
/// <param name="Date">When the run began, UTC.</param>
/// <param name="Processor">Its model.</param>
/// <param name="Cores">Those that the program may use.</param>
/// <param name="System">Operating system and kernel.</param>
/// <param name="Runtime">.NET.</param>
internal sealed record Machine(string Commit, DateTimeOffset Date, string Processor, int Cores, string System, string Runtime)
{
    public static Machine Read() => new(
        ReadCommit(),
        TimeProvider.System.GetUtcNow(),
        ReadProcessor(),
        Environment.ProcessorCount,
        $"{RuntimeInformation.OSDescription}, {Environment.OSVersion.VersionString}",
        RuntimeInformation.FrameworkDescription);

    private static string ReadCommit()
    {
        // Of the folder that the program was built in, wherever it is started.
        string? commit = RunGit("rev-parse", "HEAD");
        return commit is null ? "unknown" : string.IsNullOrEmpty(RunGit("status", "--porcelain")) ? commit : commit + " with changes";
    }

    private static string? RunGit(params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory };
            using Process git = Process.Start(start)!;
            string output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string ReadProcessor()
    {
        const string Processors = "/proc/cpuinfo";
        string? line = File.Exists(Processors) ? File.ReadLines(Processors).FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
