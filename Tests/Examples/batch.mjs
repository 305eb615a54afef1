// Several videos at once.
// Usage: node batch.mjs PROMPT...
import { pollVideoStatus, submit } from './nanogpt.mjs';

async function generateMultipleVideos(prompts) {
  // Submit all requests
  const requests = await Promise.all(
    prompts.map(async (prompt) => {
      const response = await submit({
        model: 'seedance-lite-video', prompt, duration: '5', resolution: '720p',
      });
      return response.json();
    }),
  );

  // Poll all statuses concurrently
  return Promise.all(requests.map(({ runId, model }) => pollVideoStatus(runId, model)));
}

for (const url of await generateMultipleVideos(process.argv.slice(2))) console.log(url);
