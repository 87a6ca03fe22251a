namespace Kameo.Actors.Transport.Tests.Identity;

/// <summary>How many peers are denied, and how large a key file may be.</summary>
public sealed class IdentityBoundTests
{
    [Fact]
    public void So_many_peers_are_denied()
    {
        TrustPolicy policy = TrustPolicy.Anyone();
        for (int number = 0; number < TrustPolicy.DeniedMax; number++)
        {
            policy.Deny(Peer(number));
        }

        Assert.Throws<InvalidOperationException>(() => policy.Deny(Peer(TrustPolicy.DeniedMax)));
        Assert.True(policy.IsDenied(Peer(TrustPolicy.DeniedMax - 1)));
        Assert.False(policy.IsDenied(Peer(TrustPolicy.DeniedMax)));
    }

    [Fact]
    public void A_file_too_large_for_a_key_is_not_read()
    {
        string path = Path.Combine(Path.GetTempPath(), $"kameo-{Guid.NewGuid():N}.pem");
        try
        {
            KeyFile.LoadOrCreate(path).Dispose();
            byte[] key = File.ReadAllBytes(path);
            File.AppendAllText(path, new string('\n', KeyFile.FileBytesMax - key.Length));
            KeyFile.Load(path).Dispose();
            File.AppendAllText(path, "\n");
            Assert.Contains("larger", Assert.Throws<KeyFileException>(() => KeyFile.Load(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static PeerId Peer(int number)
    {
        byte[] bytes = new byte[32];
        BitConverter.TryWriteBytes(bytes, number);
        return new PeerId(bytes);
    }
}
