using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Identity;

/// <summary>A node holds its key file while it lives.</summary>
public sealed class KeyLockTests
{
    [Fact]
    public async Task Two_nodes_cannot_have_one_key_file_at_a_time()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("kameo-key-");
        try
        {
            string path = Path.Combine(folder.FullName, "node.pem");
            using SecretKey first = KeyFile.LoadOrCreate(path);
            using SecretKey second = KeyFile.Load(path);
            await using (TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(options => options.Key = first)))
            {
                TransportException refused = await Assert.ThrowsAsync<TransportException>(() => TransportNode.StartAsync(TwoNodes.Options(options => options.Key = second)));
                Assert.Contains("in use by a node that runs", refused.Message, StringComparison.Ordinal);
                KeyFileException held = Assert.Throws<KeyFileException>(() => KeyFile.Load(path));
                Assert.Contains("in use by a node that runs", held.Message, StringComparison.Ordinal);
            }

            await using TransportNode later = await TransportNode.StartAsync(TwoNodes.Options(options => options.Key = second));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Whoever_disposes_of_a_node_again_finds_its_key_free_when_that_returns()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("kameo-key-");
        try
        {
            using SecretKey key = KeyFile.LoadOrCreate(Path.Combine(folder.FullName, "node.pem"));
            TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(options =>
            {
                options.Key = key;
                options.Limits = new TransportLimits { LingerTimeout = TwoNodes.Deadline };
            }));
            RawPeer silent = await RawPeer.ConnectAsync(node); // Hears the goodbye, and does not answer.
            Task first = node.DisposeAsync().AsTask();
            Task again = node.DisposeAsync().AsTask();
            Assert.False(again.IsCompleted);
            silent.Dispose();
            await again.WaitAsync(TwoNodes.Deadline);
            await using TransportNode later = await TransportNode.StartAsync(TwoNodes.Options(options => options.Key = key));
            await first;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
