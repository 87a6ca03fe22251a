using System.Diagnostics;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Kameo.Actors.Transport.Tests.Identity;

/// <summary>Keys, ids and key files, beside an independent implementation of Ed25519.</summary>
public sealed class IdentityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kameo-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_id_of_a_seed_is_its_ed25519_public_key()
    {
        for (int round = 0; round < 20; round++)
        {
            byte[] seed = new byte[SecretKey.SeedBytes];
            new Random(round).NextBytes(seed);
            using SecretKey key = SecretKey.FromSeed(seed);
            Assert.Equal(new Ed25519PrivateKeyParameters(seed, 0).GeneratePublicKey().GetEncoded(), key.Id.ToByteArray());
        }

        Assert.Equal(PeerId.Bytes, Ed25519.PublicKeySize);
    }

    [Fact]
    public void The_text_of_an_id_is_read_back_and_nothing_else_is_read()
    {
        using SecretKey key = SecretKey.Generate();
        string text = key.Id.ToString();
        Assert.Equal(PeerId.TextLength, text.Length);
        Assert.Equal(key.Id, PeerId.Parse(text));
        Assert.Equal(key.Id, PeerId.Parse(text.ToUpperInvariant()));
        Assert.StartsWith(key.Id.ToShortString(), text, StringComparison.Ordinal);
        Assert.Equal("aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq", new PeerId([.. Enumerable.Range(0, 32).Select(static n => (byte)n)]).ToString());
        foreach (string wrong in new[] { "", text[1..], text + "a", text[..51] + "1", text[..51] + "b", new string('=', 52) })
        {
            Assert.False(PeerId.TryParse(wrong, out _), wrong);
        }
    }

    [Fact]
    public void Ids_are_ordered_as_their_bytes()
    {
        PeerId low = new([0, .. new byte[30], 9]);
        PeerId high = new([1, .. new byte[31]]);
        Assert.True(low.CompareTo(high) < 0 && high.CompareTo(low) > 0 && low.CompareTo(low) == 0);
        Assert.True(default(PeerId).IsDefault && !low.IsDefault);
    }

    [Fact]
    public void A_key_in_pem_is_read_back_and_damaged_ones_are_refused()
    {
        using SecretKey key = SecretKey.Generate();
        string pem = key.ToPem();
        using SecretKey again = SecretKey.FromPem(pem);
        Assert.Equal(key.Id, again.Id);
        Assert.Throws<FormatException>(() => SecretKey.FromPem("no key"));
        Assert.Throws<FormatException>(() => SecretKey.FromPem(pem.Replace("PRIVATE KEY", "PUBLIC KEY", StringComparison.Ordinal)));
        Assert.Throws<FormatException>(() => SecretKey.FromPem(pem.Replace("MC4C", "MC4D", StringComparison.Ordinal)));
        using var other = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        Assert.Throws<FormatException>(() => SecretKey.FromPem(other.ExportPkcs8PrivateKeyPem()));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(key.ToPem);
    }

    [RequiresFact("openssl")]
    public void Openssl_reads_our_keys_and_we_read_its()
    {
        string path = Path.Combine(_folder, "key.pem");
        using SecretKey key = KeyFile.LoadOrCreate(path);
        string said = Run("openssl", "pkey", "-in", path, "-pubout", "-outform", "DER", "-out", Path.Combine(_folder, "pub.der"));
        Assert.Empty(said);
        Assert.Equal(key.Id.ToByteArray(), File.ReadAllBytes(Path.Combine(_folder, "pub.der"))[^32..]);
        Run("openssl", "genpkey", "-algorithm", "ed25519", "-out", Path.Combine(_folder, "theirs.pem"));
        using SecretKey theirs = KeyFile.Load(Path.Combine(_folder, "theirs.pem"));
        Assert.NotEqual(key.Id, theirs.Id);
    }

    [Fact]
    public void A_key_file_is_made_once_for_its_owner_alone()
    {
        string path = Path.Combine(_folder, "sub", "key.pem");
        SecretKey[] keys = new SecretKey[8];
        Parallel.For(0, keys.Length, index => keys[index] = KeyFile.LoadOrCreate(path));
        Assert.All(keys, key => Assert.Equal(keys[0].Id, key.Id));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            Assert.Contains("chmod 600", Assert.Throws<KeyFileException>(() => KeyFile.Load(path)).Message, StringComparison.Ordinal);
        }

        Assert.Throws<KeyFileException>(() => KeyFile.Save(path, keys[0]));
        Array.ForEach(keys, static key => key.Dispose());
    }

    [Fact]
    public void A_key_file_that_cannot_be_used_says_why_in_one_line()
    {
        string malformed = Path.Combine(_folder, "malformed.pem");
        using (SecretKey key = SecretKey.Generate())
        {
            KeyFile.Save(malformed, key);
        }

        File.WriteAllText(malformed, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        foreach (string path in new[] { malformed, _folder, Path.Combine(malformed, "below") })
        {
            KeyFileException refused = Assert.Throws<KeyFileException>(() => KeyFile.LoadOrCreate(path));
            Assert.Contains(path, refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    [Fact]
    public void A_short_secret_is_refused_and_equal_ones_make_one_cluster_by_name()
    {
        Assert.Throws<ArgumentException>(() => TrustPolicy.Secret("too short", "c"));
        PeerId? one = TrustPolicy.Secret("correct horse battery", "c").Issuer;
        Assert.Equal(one, TrustPolicy.Secret("correct horse battery", "c").Issuer);
        Assert.NotEqual(one, TrustPolicy.Secret("correct horse battery", "d").Issuer);
        Assert.DoesNotContain("horse", TrustPolicy.Secret("correct horse battery", "c").Description, StringComparison.Ordinal);
    }

    private static string Run(params string[] command)
    {
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        return said;
    }
}
