using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Kameo.Actors.Transport;

namespace Samples.PingPong;

/// <summary>A server of this client's own: a process that ends with it, since it watches its standard input.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private ServerProcess(Process process, PeerId id)
    {
        _process = process;
        Id = id;
    }

    /// <summary>Who it is.</summary>
    public PeerId Id { get; }

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It did not start; the message says what it wrote.</exception>
    public static async Task<ServerProcess> StartAsync(string? secret, CancellationToken cancellation)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "server", "PingServer.dll");
        if (!File.Exists(program))
        {
            throw new InvalidOperationException($"The server is not where the build puts it: {program}.");
        }

        var start = new ProcessStartInfo(DotnetHost())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { program, "--json", "--exit-with-input" },
        };
        if (secret is not null)
        {
            start.ArgumentList.Add("--secret");
            start.ArgumentList.Add(secret);
        }

        Process process = Process.Start(start)!;
        string? line = await process.StandardOutput.ReadLineAsync(cancellation);
        if (line is null)
        {
            string error = await process.StandardError.ReadToEndAsync(cancellation);
            process.Dispose();
            throw new InvalidOperationException($"The server did not start: {error.Trim()}");
        }

        using JsonDocument ready = JsonDocument.Parse(line);
        return new ServerProcess(process, PeerId.Parse(ready.RootElement.GetProperty("server_id").GetString()!));
    }

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(s_stopTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    /// <summary>The <c>dotnet</c> that runs this program, which need not be the first on the path.</summary>
    private static string DotnetHost()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string here = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(here) ? here : name;
    }
}
