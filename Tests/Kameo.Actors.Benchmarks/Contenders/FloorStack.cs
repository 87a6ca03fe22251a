using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>The C program Floor/tls_echo.c, compiled into a temporary folder when this machine can.</summary>
internal sealed class FloorStack : IStack, IDisposable
{
    private DirectoryInfo? _folder;

    public string Name => "c-openssl";

    public bool IsManaged => false;

    private string Program => Path.Combine(_folder?.FullName ?? throw new InvalidOperationException("The C program is not built."), "tls_echo");

    public string? Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("kameo-floor-");
        var start = new ProcessStartInfo("cc") { RedirectStandardError = true };
        foreach (string argument in (string[])["-O2", "-o", Program, Path.Combine(AppContext.BaseDirectory, "Floor", "tls_echo.c"), "-pthread", "-lssl", "-lcrypto"])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using Process compiler = Process.Start(start)!;
            string errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0
                ? null
                : $"cc cannot build it: {errors.Split('\n').FirstOrDefault(static line => line.Contains("error", StringComparison.Ordinal))?.Trim() ?? "no reason given"}";
        }
        catch (Win32Exception)
        {
            return "there is no C compiler (cc)";
        }
    }

    public ProcessStartInfo Server(TransportLoop loop) => new(Program, ["serve"]);

    public ProcessStartInfo Client(int port, TransportLoop loop) => new(Program, ["call", port.ToString(CultureInfo.InvariantCulture)]);

    public void Dispose()
    {
        _folder?.Delete(recursive: true);
        _folder = null;
    }
}
