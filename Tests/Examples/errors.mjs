// One submission; a refusal is told by its HTTP status, its type and its words.
// Usage: node errors.mjs PROMPT [MODEL]
import { pollVideoStatus, submit } from './nanogpt.mjs';

async function generateVideoWithErrorHandling(params) {
  const response = await submit(params);

  if (!response.ok) {
    const error = await response.json();
    let what = 'refused';
    if (response.status === 429) {
      what = `rate limited, retry after ${response.headers.get('retry-after') ?? 'a while'}`;
    } else if (response.status === 402) {
      what = 'insufficient balance';
    } else if (response.status === 401) {
      what = 'the key is not accepted';
    } else if (error.error?.type === 'CONTENT_POLICY_VIOLATION') {
      what = 'content policy violation';
    }
    throw new Error(`${response.status} ${what}: ${error.error?.message || error.error}`);
  }

  const result = await response.json();
  return pollVideoStatus(result.runId, result.model);
}

const [prompt, model = 'veo2-video'] = process.argv.slice(2);
try {
  console.log('accepted', await generateVideoWithErrorHandling({ model, prompt }));
} catch (error) {
  console.log(error.message);
  process.exitCode = 1;
}
