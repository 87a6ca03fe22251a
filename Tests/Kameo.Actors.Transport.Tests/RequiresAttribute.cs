using System.Diagnostics;

namespace Kameo.Actors.Transport.Tests;

/// <summary>A test that needs tools or rights that not every machine has. Where one is missing the test is skipped and the reason shown;
/// with the environment variable CI=true nothing is skipped, so that there it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresFactAttribute : FactAttribute
{
    private static readonly string[] s_toolFolders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), "/usr/sbin", "/sbin"];

    /// <param name="needs"><c>root</c>, <c>linux</c>, <c>netns</c> (the right to make network namespaces), or the name of a program.</param>
    public RequiresFactAttribute(params string[] needs)
    {
        string[] missing = [.. needs.Where(need => !Has(need))];
        if (missing.Length > 0 && !string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Skip = $"missing here: {string.Join(", ", missing)}";
    }

    private static bool Has(string need) => need switch
    {
        "root" => Environment.IsPrivilegedProcess,
        "linux" => OperatingSystem.IsLinux(),
        "netns" => CanMakeNamespaces(),
        _ => s_toolFolders.Any(folder => File.Exists(Path.Combine(folder, need))),
    };

    private static bool CanMakeNamespaces()
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("unshare", ["--net", "--mount", "true"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
