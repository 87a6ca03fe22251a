using System.Reflection;
using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Tls;

/// <summary>Finds OpenSSL 3 under the names it has on each platform. On Linux .NET itself needs it; elsewhere it is installed by hand.</summary>
internal static class OpenSslLibrary
{
    /// <summary>The name that the imports of libssl carry.</summary>
    public const string Ssl = "kameo-libssl";

    /// <summary>The name that the imports of libcrypto carry.</summary>
    public const string Crypto = "kameo-libcrypto";

    private const uint OldestVersion = 0x3000_0000;

    private static readonly string[] s_macFolders = ["", "/opt/homebrew/opt/openssl@3/lib/", "/usr/local/opt/openssl@3/lib/", "/opt/homebrew/lib/", "/usr/local/lib/"];

    private static readonly Lazy<string?> s_missing = new(Check);

    static OpenSslLibrary() => NativeLibrary.SetDllImportResolver(typeof(OpenSslLibrary).Assembly, Resolve);

    /// <summary>Makes sure that it is there and new enough.</summary>
    /// <exception cref="PlatformNotSupportedException">It is not; the message says what to install.</exception>
    public static void Require()
    {
        if (s_missing.Value is { } missing)
        {
            throw new PlatformNotSupportedException(missing);
        }
    }

    private static string? Check()
    {
        if (!TryLoad(Crypto, out _) || !TryLoad(Ssl, out _))
        {
            return $"OpenSSL 3 was not found. {Advice}";
        }

        if (OpenSsl.VersionNumber() < OldestVersion)
        {
            return $"OpenSSL 3.0 or newer is needed; the one found has the version 0x{OpenSsl.VersionNumber():x8}. {Advice}";
        }

        // Without a handler at exit: the process may end while background threads are inside OpenSSL, and freeing its tables under them crashes it (measured: 3 of 40 runs).
        return OpenSsl.Initialise(OpenSsl.InitNoAtExit, 0) == 1 ? null : "OpenSSL could not be initialised.";
    }

    private static string Advice =>
        OperatingSystem.IsMacOS() ? "Install it with: brew install openssl@3"
        : OperatingSystem.IsWindows() ? "Install OpenSSL 3 (libssl-3 and libcrypto-3 DLLs) and put its folder on the PATH."
        : "Install it with the package manager: the package is named libssl3 or openssl-libs.";

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name is Ssl or Crypto && TryLoad(name, out nint handle) ? handle : 0;

    private static bool TryLoad(string name, out nint handle)
    {
        string part = name == Ssl ? "ssl" : "crypto";
        foreach (string candidate in Candidates(part))
        {
            if (NativeLibrary.TryLoad(candidate, out handle))
            {
                return true;
            }
        }

        handle = 0;
        return false;
    }

    private static IEnumerable<string> Candidates(string part)
    {
        if (OperatingSystem.IsWindows())
        {
            string machine = RuntimeInformation.ProcessArchitecture switch
            {
                Architecture.X64 => "-x64",
                Architecture.Arm64 => "-arm64",
                _ => string.Empty,
            };
            return [$"lib{part}-3{machine}.dll", $"lib{part}-3.dll"];
        }

        return OperatingSystem.IsMacOS() ? s_macFolders.Select(folder => $"{folder}lib{part}.3.dylib") : [$"lib{part}.so.3"];
    }
}
